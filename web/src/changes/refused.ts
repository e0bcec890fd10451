/** What happens when the server refuses a change: it is taken back, or waits for a decision. */

import type { Change, Held, TaskField } from './change'
import { Conflict } from './send'
import { Problem } from '@/api/problem'
import type { Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { findTask, hideTask, showTask } from '@/cache/tasks'
import { sentenceOf } from '@/text/problems'
import { t } from '@/text'
import { showToast } from '@/ui/toasts'

/** Takes a refused change back and says why. Returns how it is held if the person has to decide. */
export async function changeRefused(change: Change, error: unknown): Promise<Pick<Change, 'held'> | undefined> {
  if (change.kind === 'update-task' && error instanceof Conflict) {
    showTask(error.current)
    return { held: { reason: 'conflict', current: error.current, fields: error.fields as TaskField[] } }
  }
  if (!(error instanceof Problem)) throw error
  takeBack(change)
  // The person may have been removed from the project.
  if (error.status === 404) void queryClient.invalidateQueries({ queryKey: keys.projects })
  // Text that was typed is not thrown away.
  if (change.kind === 'create-task' || change.kind === 'create-comment')
    return { held: { reason: 'refused', detail: sentenceOf(error) } satisfies Held }
  showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
  return undefined
}

function takeBack(change: Change): void {
  if (change.kind === 'create-task') return hideTask(change.task.id)
  if (change.kind === 'update-task') {
    const known = findTask(change.taskId)
    if (known) showTask({ ...known, ...(change.before as Partial<Task>) })
  }
  void queryClient.invalidateQueries({ queryKey: keys.task(change.taskId) })
  void queryClient.invalidateQueries({ queryKey: keys.anyTasks })
}
