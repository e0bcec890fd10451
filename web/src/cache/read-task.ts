import { keys } from './keys'
import { queryClient } from './query-client'
import { findTask, hideTask, showTask } from './tasks'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Task } from '@/api/types'
import { isComingBack, overlay } from '@/changes/queue'

/** Reads a task and shows it everywhere; hides it if it is gone or the person may no longer see it. */
export async function showReadTask(id: string): Promise<void> {
  const before = findTask(id)?.version
  try {
    const task = overlay(await ask(api.GET('/v1/tasks/{id}', { params: { path: { id } } })))
    if (task && !task.deleted_at) showTask(task)
    else hideTask(id)
  } catch (error) {
    // Without a connection it stays as it is, until the list is read again.
    if (!(error instanceof Problem)) return
    if (error.status !== 404) return queryClient.invalidateQueries({ queryKey: keys.anyTasks })
    // It was deleted, and has come back since.
    if (isComingBack(id) || findTask(id)?.version !== before) return
    hideTask(id)
    const isShown = (data: unknown) => (data as Task | undefined)?.id === id
    void queryClient.invalidateQueries({ queryKey: keys.anyTask, predicate: (query) => isShown(query.state.data) })
  }
}
