/** The rows of a list of tasks: the headings of its groups, and the tasks. */

import type { Task } from '@/api/types'

export interface TaskGroup {
  id: string
  title?: string
  tasks: readonly Task[]
  /** How many there are, in words: more may exist than are loaded. */
  count?: string
}

export type Row = { id: string; heading: string; count: string } | { id: string; task: Task }

/** Returns the rows. A task may be in several groups, as with labels: its row has another id in each. */
export function rowsOf(groups: readonly TaskGroup[]): Row[] {
  return groups.flatMap((group) => {
    const tasks = group.tasks.map((task) => ({ id: `${group.id}/${task.id}`, task }))
    if (!group.title) return tasks
    return [{ id: group.id, heading: group.title, count: group.count ?? String(group.tasks.length) }, ...tasks]
  })
}

/** Returns the number of the nearest row with a task, `by` rows away from `from`; -1 if there is none that way. */
export function nextTask(rows: readonly Row[], from: number, by: 1 | -1): number {
  for (let at = from + by; at >= 0 && at < rows.length; at += by) if ('task' in rows[at]!) return at
  return -1
}
