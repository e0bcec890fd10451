/** Follows the person's notifications, without missing or repeating any (docs/websocket.md, "Receiving every notification"). */

import { watch } from 'vue'
import { isExpected } from './change'
import { type Notification, dataOf, patched } from './notification'
import { findNotifications, putNotifications, readInboxAgain } from './store'
import { countNew, heardCount, startCounting, unreadCount } from './unread'
import { api, ask } from '@/api/client'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { showReadTask } from '@/cache/read-task'
import { Sequence } from '@/live/sequence'
import { type Message, onConnected, onMessage, request } from '@/live/socket'
import { currentUser, me } from '@/session/session'
import './badge'

/** How long a missing notification may still arrive. */
const GAP_MS = 1_500
/** Several messages at once read the list once. */
const AGAIN_MS = 150
/** The browser shows what is not older than this, for example after a lost connection. */
const RECENT_MS = 10 * 60_000

let stop: (() => void) | undefined

/** Follows the notifications of the person who is logged in, until someone else is. */
export function followInbox(): void {
  stop?.()
  const inbox = new Follower(currentUser().id)
  // Loaded early, so that pages know of each other which one is visible.
  void import('./browser')
  const endings = [
    onMessage((message) => inbox.receive(message)),
    onConnected(() => void inbox.resume()),
    watch(unreadCount, () => inbox.store()),
    watch(
      () => me.value?.id,
      () => stop?.(),
      { flush: 'sync' },
    ),
  ]
  stop = () => {
    stop = undefined
    inbox.end()
    for (const end of endings) end()
    startCounting(0, () => undefined)
  }
}

class Follower {
  private sequence: Sequence<Notification> | undefined
  /** Shown before others that are missing. */
  private readonly early = new Map<number, Notification>()
  private gapTimer: ReturnType<typeof setTimeout> | undefined
  private againTimer: ReturnType<typeof setTimeout> | undefined
  private resuming = false
  private resumeAgain = false
  private ended = false

  constructor(private readonly person: string) {
    const { last, unread = 0 } = JSON.parse(localStorage.getItem(this.name) ?? '{}') as { last?: number; unread?: number }
    if (last !== undefined) this.sequence = new Sequence(last)
    startCounting(unread, () => this.readAgain())
    // The stored lists may be older than the stored number.
    void queryClient.invalidateQueries({ queryKey: keys.anyInbox, refetchType: 'active' })
  }

  private get name(): string {
    return `taskbell.inbox.${this.person}`
  }

  /** Stores up to which number everything is known. */
  store(): void {
    if (this.ended || !this.sequence) return
    localStorage.setItem(this.name, JSON.stringify({ last: this.sequence.last, unread: unreadCount.value }))
  }

  end(): void {
    this.ended = true
    clearTimeout(this.gapTimer)
    clearTimeout(this.againTimer)
  }

  receive(message: Message): void {
    if (message.type === 'notification') this.take(message.notification as Notification)
    else if (message.type === 'inbox') {
      const ids = message.ids as string[]
      // All are looked at: each message is expected once.
      const others = ids.filter((id) => !isExpected(id))
      if (others.length || !ids.length) this.readAgain()
      heardCount(Number(message.unread_count))
    } else if (message.type === 'read') {
      const seq = Number(message.seq)
      const read = findNotifications((one) => one.seq <= seq && !one.read_at)
      putNotifications(read.map((one) => patched(one, { read: true })))
      heardCount(Number(message.unread_count))
    }
  }

  private take(notification: Notification): void {
    const { seq } = notification
    if (!this.sequence || seq <= this.sequence.last || this.early.has(seq)) return
    show(notification)
    this.early.set(seq, notification)
    this.advance(seq, notification)
    clearTimeout(this.gapTimer)
    if (this.sequence.hasGap) this.gapTimer = setTimeout(() => void this.resume(), GAP_MS)
  }

  private advance(seq: number, notification: Notification): void {
    for (const known of this.sequence?.take(seq, notification) ?? []) this.early.delete(known.seq)
    this.store()
  }

  /** Reads what was not pushed. */
  async resume(): Promise<void> {
    if (this.ended) return
    this.resumeAgain = this.resuming
    if (this.resuming) return
    this.resuming = true
    try {
      this.sequence ??= new Sequence(await newestSeq())
      await this.resumeAll(this.sequence)
    } catch {
      // The next connection tries again.
    } finally {
      this.resuming = false
    }
    if (this.resumeAgain) await this.resume()
  }

  private async resumeAll(sequence: Sequence<Notification>): Promise<void> {
    for (;;) {
      const since = sequence.last
      const { more, unread_count } = await request({ action: 'resume', since })
      if (this.ended) return
      if (sequence.last === since) this.skipDeleted()
      if (!more) return heardCount(Number(unread_count))
      if (this.sequence!.last === since) return
      sequence = this.sequence!
    }
  }

  /** Goes on behind a gap that a resume did not close: old notifications are deleted, and their numbers are not reused. */
  private skipDeleted(): void {
    if (!this.early.size) return
    const known = [...this.early.entries()].toSorted(([a], [b]) => a - b)
    clearTimeout(this.gapTimer)
    this.sequence = new Sequence(known[0]![0] - 1)
    for (const [seq, notification] of known) this.advance(seq, notification)
  }

  private readAgain(): void {
    clearTimeout(this.againTimer)
    this.againTimer = setTimeout(() => void readInboxAgain(), AGAIN_MS)
  }
}

/** Returns the number of the newest notification, from which a new browser begins. */
async function newestSeq(): Promise<number> {
  const { items } = await ask(api.GET('/v1/notifications', { params: { query: { limit: 1 } } }))
  return items[0]?.seq ?? 0
}

/** Shows a new notification. */
function show(notification: Notification): void {
  const { snoozed } = dataOf(notification)
  const former = snoozed ? findNotifications(({ id }) => id === snoozed) : []
  // The copy takes the place of the snoozed one.
  putNotifications([...former.map((one) => patched(one, { archived: true })), notification])
  if (!notification.read_at && !notification.archived_at && !notification.snoozed_until) countNew(notification.seq)
  if (Date.now() - Date.parse(notification.created_at) > RECENT_MS) return
  // The task may be of a project that no screen follows.
  if (notification.task_id && ['task_assigned', 'task_unassigned'].includes(notification.kind)) void showReadTask(notification.task_id)
  if (notification.kind === 'added_to_project') void queryClient.invalidateQueries({ queryKey: keys.projects })
  if (notification.kind === 'report_ready') void queryClient.invalidateQueries({ queryKey: keys.reports })
  void import('./browser').then(({ showInBrowser }) => showInBrowser(notification))
}
