/** What a person does with groups of notifications. Each shows at once, and can be undone. */

import { type NotificationChange, changeNotifications, readUpTo } from './change'
import { type Group, grouped } from './grouping'
import { type Notification, type Patch, backTo, patched } from './notification'
import { findNotifications, readPage } from './store'
import { allPages, api, ask } from '@/api/client'
import { Unreachable } from '@/api/problem'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { offerUndo } from '@/changes/undo'
import { t } from '@/text'
import { clock, shortDay } from '@/text/dates'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

/** Archives the notifications. */
export const markDone = (items: readonly Notification[]): void => change(items, { archived: true }, t('inbox-did-done', { count: items.length }))

/** Puts archived or snoozed ones back into the inbox. */
export function putBack(items: readonly Notification[]): void {
  const patch = items.some(({ snoozed_until }) => snoozed_until) ? { snoozed_until: null } : { archived: false }
  change(items, patch, t('inbox-did-put-back', { count: items.length }))
}

/** Marks the group as unread if all of it is read, and else as read. */
export function toggleRead(group: Group): void {
  if (group.unread) change(unreadOf(group.items), { read: true }, t('inbox-did-read'))
  else change([group.newest], { read: false }, t('inbox-did-unread'))
}

export const snooze = (items: readonly Notification[], until: string): void =>
  change(items, { snoozed_until: until }, t('inbox-did-snooze', { time: `${shortDay(until)}, ${clock(until)}` }))

/** Marks what the person looks at as read: without a word, also if it fails, because it is done again the next time. */
export function markSeen(group: Group): void {
  const unread = unreadOf(group.items)
  if (unread.length && navigator.onLine) changeNotifications(unread.map((notification) => ({ notification, patch: { read: true } }))).catch(() => undefined)
}

/** Mutes a task, or ends that. */
export async function setMuted(taskId: string, muted: boolean, name: string): Promise<void> {
  const params = { params: { path: { id: taskId } } }
  try {
    await ask<unknown>(muted ? api.PUT('/v1/tasks/{id}/mute', params) : api.DELETE('/v1/tasks/{id}/mute', params))
  } catch (error) {
    return failed(error)
  }
  void queryClient.invalidateQueries({ queryKey: keys.anyTask })
  offerUndo({
    text: t(muted ? 'inbox-did-mute' : 'inbox-did-unmute', { task: name }),
    undo: () => void setMuted(taskId, !muted, name),
  })
}

/** Marks everything in the inbox up to a notification as read. */
export async function readAllUpTo(newest: Notification): Promise<void> {
  const loaded = findNotifications((one) => one.seq <= newest.seq && !one.read_at)
  try {
    await readUpTo(loaded, newest.seq)
  } catch (error) {
    return failed(error)
  }
  const back = loaded.map((notification) => ({ notification: { ...notification, read_at: newest.created_at }, patch: { read: false } }))
  offerUndo({ text: t('inbox-did-read-all'), undo: () => void changeNotifications(back).catch(failed) })
}

/** Archives everything in the inbox up to a group, also what is not loaded. Groups with something newer stay whole. */
export async function allDoneUpTo({ newest }: Group): Promise<void> {
  let found: Notification[]
  try {
    found = await allPages((cursor) => readPage('inbox', cursor, 200))
  } catch (error) {
    return failed(error)
  }
  const older = grouped(found).filter((group) => group.newest.seq <= newest.seq)
  if (older.length) markDone(older.flatMap(({ items }) => items))
}

const unreadOf = (items: readonly Notification[]): Notification[] => items.filter(({ read_at }) => !read_at)

function change(items: readonly Notification[], patch: Patch, text: string): void {
  const changes: NotificationChange[] = items.map((notification) => ({ notification, patch }))
  const sent = changeNotifications(changes)
  // What failed is taken back: there is nothing to undo.
  sent.catch(failed)
  offerUndo({
    text,
    undo: () => {
      // The current state of each: it may have changed since.
      const ids = new Set(items.map(({ id }) => id))
      const current = new Map(findNotifications(({ id }) => ids.has(id)).map((one) => [one.id, one]))
      const back = items.map((before) => ({ notification: current.get(before.id) ?? patched(before, patch), patch: backTo(before) }))
      void sent.catch(() => undefined).then(() => changeNotifications(back).catch(failed))
    },
  })
}

function failed(error: unknown): void {
  const text = error instanceof Unreachable ? t('inbox-offline') : t('change-refused', { reason: sentenceOf(error) })
  showToast({ text, kind: 'error' })
}
