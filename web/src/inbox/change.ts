/** Changes the state of notifications: at once here, then on the server. */

import { type Notification, type Patch, isUnread, patched } from './notification'
import { pending, putNotifications } from './store'
import { countChanged, whileChanging } from './unread'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'

/** How many requests go out at once. */
const AT_ONCE = 4
/** How long a message about a change of ours may take. */
const EXPECTED_MS = 15_000
/** As many ids as one request takes. */
const MOST_IDS = 200

const expected = new Map<string, number[]>()

/** Whether the message is about a change of ours, which is shown already. Asked once for each message. */
export function isExpected(id: string): boolean {
  const times = (expected.get(id) ?? []).filter((time) => Date.now() - time < EXPECTED_MS)
  const isOurs = times.length > 0
  if (times.length > 1) expected.set(id, times.slice(1))
  else expected.delete(id)
  return isOurs
}

function expect(ids: readonly string[]): void {
  for (const id of ids) expected.set(id, [...(expected.get(id) ?? []), Date.now()])
}

export interface NotificationChange {
  notification: Notification
  patch: Patch
}

/**
 * Changes notifications. They show it at once.
 *
 * Takes back what failed, and throws the first problem.
 */
export async function changeNotifications(changes: readonly NotificationChange[]): Promise<void> {
  show(changes)
  for (const { notification, patch } of changes) pending.set(notification.id, patch)
  const failed: NotificationChange[] = []
  let problem: unknown
  await whileChanging(async () => {
    const batches = changes.every(({ patch }) => isOnlyRead(patch)) ? chunks(changes, MOST_IDS) : changes.map((one) => [one])
    const waiting = batches.values()
    const send = async () => {
      for (const batch of waiting) {
        try {
          await sendBatch(batch)
        } catch (error) {
          failed.push(...batch)
          problem ??= error
        }
        for (const { notification, patch } of batch) if (pending.get(notification.id) === patch) pending.delete(notification.id)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, send))
  })
  if (!failed.length) return
  takeBack(failed)
  throw problem
}

/** Marks everything up to a number as read, also what is not loaded. */
export async function readUpTo(loaded: readonly Notification[], seq: number): Promise<void> {
  const changes = loaded.map((notification) => ({ notification, patch: { read: true } }))
  show(changes)
  try {
    await whileChanging(() => ask(api.POST('/v1/notifications/read', { body: { seq } })))
  } catch (error) {
    takeBack(changes)
    throw error
  }
}

function show(changes: readonly NotificationChange[]): void {
  const after = changes.map(({ notification, patch }) => patched(notification, patch))
  putNotifications(after)
  countChanged(count(after) - count(changes.map(({ notification }) => notification)))
}

function takeBack(changes: readonly NotificationChange[]): void {
  const before = changes.map(({ notification }) => notification)
  putNotifications(before)
  countChanged(count(before) - count(changes.map(({ notification, patch }) => patched(notification, patch))))
}

async function sendBatch(batch: readonly NotificationChange[]): Promise<void> {
  const ids = batch.map(({ notification }) => notification.id)
  expect(ids)
  const [first] = batch
  if (!first) return
  const request = () =>
    isOnlyRead(first.patch)
      ? ask<unknown>(api.POST('/v1/notifications/read', { body: { ids } }))
      : ask<unknown>(api.PATCH('/v1/notifications/{id}', { params: { path: { id: first.notification.id } }, body: first.patch }))
  try {
    await request()
  } catch (error) {
    // Many at once may be more than are allowed in a minute.
    if (!(error instanceof Problem && error.status === 429 && error.retryAfter)) throw error
    await new Promise((resolve) => setTimeout(resolve, error.retryAfter! * 1000))
    await request()
  }
}

const count = (list: readonly Notification[]): number => list.filter(isUnread).length

const isOnlyRead = (patch: Patch): boolean => patch.read === true && Object.keys(patch).length === 1

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size))
}
