import { type Change, type UpdateTask, taskOf } from './change'
import type { NewTask, Task } from '@/api/types'

/**
 * Adds a change to those that wait, and combines it with them where the result is the same: changes of one task become
 * one, those of an unsent task become part of its creation, and the deletion of an unsent task removes it.
 *
 * A change that was sent before stays as it is: the server may have it.
 */
export function fold(waiting: readonly Change[], change: Change): Change[] {
  const others = [...waiting]
  const task = taskOf(change)
  const ofTask = (other: Change) => taskOf(other) === task && other.user === change.user
  const mine = (other: Change) => ofTask(other) && !other.tried && !other.held

  if (change.kind === 'update-task') {
    const at = others.findLastIndex(ofTask)
    const last = others[at]
    if (last && mine(last) && last.kind === 'create-task') {
      const task = { ...last.task, ...shown(change) }
      others[at] = { ...last, task, body: { ...last.body, ...(change.changes as Partial<NewTask>) } }
      return others
    }
    if (last && mine(last) && last.kind === 'update-task') {
      const folded = withoutUnchanged({
        ...last,
        changes: { ...last.changes, ...change.changes },
        // The first value before: that is what the server has.
        before: { ...change.before, ...last.before },
      })
      return Object.keys(folded.changes).length ? others.with(at, folded) : others.toSpliced(at, 1)
    }
  }
  if (change.kind === 'delete-task') {
    const unsent = others.some((other) => other.kind === 'create-task' && mine(other))
    const rest = others.filter((other) => !mine(other) || other.kind === 'create-comment')
    return unsent ? others.filter((other) => !mine(other)) : [...rest, change]
  }
  if (change.kind === 'rank-task') {
    const at = others.findIndex((other) => other.kind === 'rank-task' && mine(other))
    if (at >= 0) return [...others.toSpliced(at, 1), change]
  }
  if (change.kind === 'restore-task') {
    const at = others.findIndex((other) => other.kind === 'delete-task' && mine(other))
    if (at >= 0) return others.toSpliced(at, 1)
  }
  return [...others, change]
}

/** Leaves out the fields that have their first value again, because the change was taken back. */
function withoutUnchanged(change: UpdateTask): UpdateTask {
  const wanted: Record<string, unknown> = shown(change)
  const known: Record<string, unknown> = change.before
  const isChanged = ([field]: [string, unknown]) =>
    JSON.stringify(wanted[field] ?? null) !== JSON.stringify(known[field] ?? null)
  return { ...change, changes: Object.fromEntries(Object.entries(change.changes).filter(isChanged)) }
}

/** Returns the changed fields as a task shows them: null clears a field. */
export function shown(change: Pick<UpdateTask, 'changes'>): Partial<Task> {
  const fields: Record<string, unknown> = { ...change.changes }
  if (fields.description === null) fields.description = ''
  if (fields.labels === null) fields.labels = []
  return fields
}
