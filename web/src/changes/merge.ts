import type { TaskField } from './change'
import { shown } from './fold'
import type { Task, TaskChanges } from '@/api/types'

/** What is left of a person's changes after someone else changed the same task. */
export interface Merged {
  /** The changes that still differ from the current task and that nobody else touched. */
  changes: TaskChanges
  /** The fields that both changed, to different values. */
  conflicts: TaskField[]
}

/**
 * Merges a person's changes into the current task, field by field. `before` has the fields as they were when the person
 * changed them.
 */
export function merge(changes: TaskChanges, before: Partial<Task>, current: Task): Merged {
  const wanted: Partial<Task> = shown({ changes })
  const rest: TaskChanges = {}
  const conflicts: TaskField[] = []
  for (const field of Object.keys(changes) as TaskField[]) {
    const theirs = current[field] ?? null
    if (equal(theirs, wanted[field] ?? null)) continue
    if (equal(theirs, before[field] ?? null)) Object.assign(rest, { [field]: changes[field] })
    else conflicts.push(field)
  }
  return { changes: rest, conflicts }
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(written(a)) === JSON.stringify(written(b))
/** The browser writes instants with milliseconds, the API without. */
const written = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Date.parse(value) : value
