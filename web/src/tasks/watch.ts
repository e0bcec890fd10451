/** Whether the person is told about a task. It shows at once, and is taken back if it fails. */

import { api, ask } from '@/api/client'
import type { Task } from '@/api/types'
import { findTask, showTask } from '@/cache/tasks'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

async function tried(task: Task, changes: Partial<Task>, send: () => Promise<unknown>): Promise<void> {
  const before = { watching: task.watching, muted: task.muted }
  showTask({ ...task, ...changes })
  try {
    await send()
  } catch (error) {
    showTask({ ...(findTask(task.id) ?? task), ...before })
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
  }
}

/** Watches a task, or stops it. */
export function setWatching(task: Task, watching: boolean): Promise<void> {
  const params = { path: { id: task.id } }
  return tried(task, { watching }, () =>
    watching
      ? ask(api.PUT('/v1/tasks/{id}/watchers/me', { params }))
      : ask(api.DELETE('/v1/tasks/{id}/watchers/me', { params })),
  )
}

/** Mutes a task, or stops it. */
export function setMuted(task: Task, muted: boolean): Promise<void> {
  const params = { path: { id: task.id } }
  return tried(task, { muted }, () =>
    muted ? ask(api.PUT('/v1/tasks/{id}/mute', { params })) : ask(api.DELETE('/v1/tasks/{id}/mute', { params })),
  )
}
