import { hideTask, showTask } from './tasks'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import { overlay } from '@/changes/queue'

/** Reads a task and shows it everywhere; hides it if it is gone or the person may no longer see it. */
export async function showReadTask(id: string): Promise<void> {
  try {
    const task = overlay(await ask(api.GET('/v1/tasks/{id}', { params: { path: { id } } })))
    if (task && !task.deleted_at) showTask(task)
    else hideTask(id)
  } catch (error) {
    if (error instanceof Problem && error.status === 404) hideTask(id)
    // Without a connection it stays as it is, until the list is read again.
  }
}
