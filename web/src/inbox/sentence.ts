/** What a notification says, in plain words and the person's language. */

import { type Notification, dataOf, isHidden } from './notification'
import { nameOf } from '@/people/names'
import { hasText, language, t } from '@/text'
import { clock, shortDay } from '@/text/dates'

/** Returns who did what. The task is named beside it. */
export function sentence(notification: Notification): string {
  if (isHidden(notification)) return t('inbox-hidden')
  const { actor_id, body, kind, title } = notification
  const data = dataOf(notification)
  const actor = actor_id ? nameOf(actor_id) : t('someone')
  const due = data.due_at ? `${shortDay(data.due_at)}, ${clock(data.due_at)}` : ''
  switch (kind) {
    case 'task_assigned':
      return due ? t('inbox-assigned-due', { actor, due }) : t('inbox-assigned', { actor })
    case 'task_unassigned':
      return t('inbox-unassigned', { actor })
    case 'task_created':
      return t('inbox-created', { actor })
    case 'task_commented':
      return t('inbox-commented', { actor, text: body })
    case 'mentioned':
      return data.comment_id ? t('inbox-mentioned', { actor, text: body }) : t('inbox-mentioned-description', { actor })
    case 'task_due_soon':
      return t('inbox-due-soon', { due })
    case 'task_overdue':
      return t('inbox-overdue', { due })
    case 'task_deleted':
      return data.task_count ? t('inbox-deleted-tree', { actor, count: data.task_count - 1 }) : t('inbox-deleted', { actor })
    case 'task_status_changed':
    case 'task_updated':
      return changed(notification, actor) ?? title
    case 'added_to_project':
      return t('inbox-added', { actor })
    case 'report_ready':
      return data.status === 'failed' ? t('inbox-report-failed') : t('inbox-report')
    default:
      return title
  }
}

/** Returns what was changed: the value if it is one field, or else the names of the fields. */
function changed(notification: Notification, actor: string): string | undefined {
  const changes = dataOf(notification).changes ?? []
  const [first] = changes
  // Restored, or moved: only the title of the notification says so.
  if (!first || changes.some(({ field }) => field === 'project_id')) return undefined
  if (notification.kind === 'task_status_changed') {
    const status = changes.find(({ field }) => field === 'status')?.to
    if (status === 'done') return t('inbox-completed', { actor })
    return typeof status === 'string' ? t('inbox-status', { actor, status: t(`status-${status}`) }) : undefined
  }
  if (changes.length === 1) {
    if (first.field === 'priority') return t('inbox-priority', { actor, priority: t(`priority-${String(first.to)}`) })
    if (first.field === 'due_at')
      return typeof first.to === 'string'
        ? t('inbox-due', { actor, due: `${shortDay(first.to)}, ${clock(first.to)}` })
        : t('inbox-due-removed', { actor })
    if (first.field === 'title' && typeof first.to === 'string') return t('inbox-renamed', { actor, title: first.to })
  }
  const fields = changes.map(({ field }) => (hasText(`inbox-field-${field}`) ? t(`inbox-field-${field}`) : t('inbox-field-other')))
  return t('inbox-changed', { actor, fields: new Intl.ListFormat(language.value).format(new Set(fields)) })
}

/** Returns why the person is told. */
export function reason(notification: Notification): string {
  const id = `inbox-reason-${notification.reason ?? ''}`
  return hasText(id) ? t(id) : ''
}

/** Returns until when the notification is snoozed. */
export const snoozedUntil = (notification: Notification): string =>
  notification.snoozed_until ? t('inbox-until', { time: `${shortDay(notification.snoozed_until)}, ${clock(notification.snoozed_until)}` }) : ''
