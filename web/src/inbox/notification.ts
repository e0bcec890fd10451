/** What a notification is, where it is, and what it says. */

import type { Notification, NotificationKind, Reason } from '@/api/types'

export type { Notification, NotificationKind, Reason }

/** The lists of the inbox. `unread` has what of `inbox` is unread. */
export const LISTS = ['inbox', 'unread', 'snoozed', 'archived'] as const
export type InboxList = (typeof LISTS)[number]

/** A change of the state of notifications. */
export interface Patch {
  read?: boolean
  archived?: boolean
  snoozed_until?: string | null
}

/** The `data` of a notification. */
export interface NotificationData {
  changes?: { field: string; from?: unknown; to?: unknown }[]
  comment_id?: string
  due_at?: string
  task_count?: number
  /** Of a copy: the notification that was snoozed. */
  snoozed?: string
  kind?: string
  status?: string
}

export const dataOf = (notification: Notification): NotificationData => notification.data as NotificationData

/** Whether the notification counts as unread in the inbox. */
export const isUnread = (notification: Notification): boolean => !notification.read_at && !notification.snoozed_until

/** Whether only the times of the notification are left, because the person may no longer see what it is about. */
export const isHidden = (notification: Notification): boolean => !notification.title

/** Whether the notification is in a list. */
export function belongs(notification: Notification, list: InboxList): boolean {
  if (list === 'archived') return Boolean(notification.archived_at)
  if (list === 'snoozed') return Boolean(notification.snoozed_until)
  if (notification.archived_at || notification.snoozed_until) return false
  return list === 'inbox' || !notification.read_at
}

/** Returns the notification after a change, by the rules of the server. */
export function patched(notification: Notification, patch: Patch, now = new Date().toISOString()): Notification {
  const next = { ...notification }
  if (patch.archived === false || patch.snoozed_until || patch.read === false) next.archived_at = null
  if (patch.read === true) next.read_at ??= now
  if (patch.read === false) next.read_at = null
  if (patch.snoozed_until !== undefined) next.snoozed_until = patch.snoozed_until
  if (patch.archived === true) {
    next.archived_at ??= now
    next.read_at ??= now
    next.snoozed_until = null
  }
  return next
}

/** Returns the change that brings a notification back to the state in which it is here. */
export function backTo(before: Notification): Patch {
  if (before.archived_at) return { archived: true }
  return { archived: false, read: Boolean(before.read_at), snoozed_until: before.snoozed_until ?? null }
}

/** Returns the page of the client to which the notification leads. */
export function pathOf(notification: Notification): string | undefined {
  if (notification.task_id) return `/tasks/${notification.task_key ?? notification.task_id}`
  if (notification.kind === 'report_ready') return '/reports'
  if (notification.project_id) return `/projects/${notification.project_id}`
  return undefined
}
