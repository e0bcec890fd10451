import { type Change, taskOf } from './change'
import type { Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { hideTask, showTask } from '@/cache/tasks'

/** Tasks that were created here, by the id that they had before the server answered. */
const created = new Map<string, Task>()

/** Returns a task that was created here, if the server has it. `id` is the one that it had before. */
export const createdTask = (id: string): Task | undefined => created.get(id)

/** Shows the result of a change that the server has. */
export function showResult(change: Change, task: Task | undefined): void {
  if (change.kind === 'create-task') {
    hideTask(change.task.id)
    if (task) created.set(change.task.id, task)
  }
  if (task) showTask(task)
  const id = task?.id ?? taskOf(change)
  if (change.kind === 'create-comment') void queryClient.invalidateQueries({ queryKey: keys.comments(id) })
  void queryClient.invalidateQueries({ queryKey: keys.activity(id) })
  void queryClient.invalidateQueries({ queryKey: keys.anyTaskCount })
}
