import type { Change, TaskField } from './change'
import { api, ask, ifMatch } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Task } from '@/api/types'
import { merge } from './merge'

/** Two fields of a task changed by two people at the same moment are merged this many times. */
const ATTEMPTS = 3

/** Both the person and someone else changed the same fields of a task. */
export class Conflict extends Error {
  override readonly name = 'Conflict'

  constructor(
    readonly current: Task,
    readonly fields: TaskField[],
  ) {
    super('Someone else changed the same fields.')
  }
}

/**
 * Sends a change. Returns the task if the response has it.
 *
 * Throws a {@link Problem} if the server refuses it, and {@link Conflict} if someone else changed the same fields.
 */
export async function send(change: Change): Promise<Task | undefined> {
  switch (change.kind) {
    case 'create-task': {
      const header = { 'Idempotency-Key': change.id }
      return ask(api.POST('/v1/tasks', { body: change.body, params: { header } }))
    }
    case 'update-task':
      return update(change.taskId, change.changes, change.before, change.version)
    case 'delete-task':
      await ask(api.DELETE('/v1/tasks/{id}', { params: { path: { id: change.taskId } } })).catch(ignoreGone)
      return undefined
    case 'restore-task':
      return restore(change.taskId)
    case 'rank-task': {
      const body = { before: change.before, after: change.after }
      return ask(api.PUT('/v1/tasks/{id}/rank', { body, params: { path: { id: change.taskId } } }))
    }
    case 'create-comment': {
      const params = { path: { id: change.taskId }, header: { 'Idempotency-Key': change.id } }
      await ask(api.POST('/v1/tasks/{id}/comments', { body: { body: change.body }, params }))
      return undefined
    }
  }
}

/** What is to be deleted is gone already, perhaps by the first attempt, whose response was lost. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof Problem) || error.status !== 404) throw error
}

async function restore(id: string): Promise<Task> {
  const params = { params: { path: { id } } }
  return ask(api.POST('/v1/tasks/{id}/restore', params)).catch((error: unknown) => {
    // The first attempt, whose response was lost, brought it back.
    if (error instanceof Problem && error.status === 404) return ask(api.GET('/v1/tasks/{id}', params))
    throw error
  })
}

type Update = Extract<Change, { kind: 'update-task' }>

async function update(id: string, changes: Update['changes'], before: Update['before'], version: number): Promise<Task> {
  let [wanted, known] = [changes, version]
  for (let attempt = 1; ; attempt += 1) {
    try {
      const params = { path: { id }, header: ifMatch(known) }
      return await ask(api.PATCH('/v1/tasks/{id}', { body: wanted, params }))
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412 || attempt === ATTEMPTS) throw error
      const current = error.current as Task
      const merged = merge(wanted, before, current)
      if (merged.conflicts.length) throw new Conflict(current, merged.conflicts)
      if (!Object.keys(merged.changes).length) return current
      wanted = merged.changes
      known = current.version
    }
  }
}
