/** What happens when the server refuses a change: it is taken back, or waits for a decision. */

import type { Change, Held } from './change'
import { Conflict } from './send'
import { Problem } from '@/api/problem'
import type { Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { findTask, hideTask, showTask } from '@/cache/tasks'
import { sentenceOf } from '@/text/problems'
import { t } from '@/text'
import { showToast } from '@/ui/toasts'

/** Returns how a refused change is held, if the person has to decide. */
export function heldBy(change: Change, error: unknown): Held | undefined {
  if (error instanceof Conflict) return { reason: 'conflict', current: error.current, fields: error.fields }
  // Text that was typed is not thrown away.
  if (change.kind === 'create-task' || change.kind === 'create-comment')
    return { reason: 'refused', detail: sentenceOf(error) }
  return undefined
}

/** Takes a refused change back and says why. */
export function showRefusal(change: Change, error: unknown): void {
  if (error instanceof Conflict) return showTask(error.current)
  takeBack(change)
  // The person may have been removed from the project.
  if (error instanceof Problem && error.status === 404) void queryClient.invalidateQueries({ queryKey: keys.projects })
  if (!heldBy(change, error)) showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
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
