/** What becomes of a change that someone else's change met. */

import type { TaskField, UpdateTask } from './change'
import type { Task, TaskChanges } from '@/api/types'

/**
 * Returns the change with what the person chose: their own value for the fields of `mine`, the other one for the rest of
 * the fields in conflict. Returns `undefined` if nothing is left to send.
 */
export function decided(
  change: UpdateTask,
  current: Task,
  conflicts: readonly TaskField[],
  mine: ReadonlySet<TaskField>,
): Pick<UpdateTask, 'changes' | 'before' | 'version'> | undefined {
  const kept = Object.entries(change.changes).filter(
    ([field]) => !conflicts.includes(field as TaskField) || mine.has(field as TaskField),
  )
  if (!kept.length) return undefined
  // The person has seen the current values: they are what the change begins with.
  const seen = Object.fromEntries(kept.map(([field]) => [field, current[field as TaskField] ?? null]))
  return { changes: Object.fromEntries(kept) as TaskChanges, before: seen as Partial<Task>, version: current.version }
}
