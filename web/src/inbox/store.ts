/** The lists of notifications that were read. */

import { type InfiniteData, useInfiniteQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type InboxList, LISTS, type Notification, type Patch, belongs, patched } from './notification'
import { readCount } from './unread'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'

type InboxPage = components['schemas']['Inbox']
export type InboxPages = InfiniteData<InboxPage>

const PAGE = 100

/** Changes that are on their way to the server, by notification. */
export const pending = new Map<string, Patch>()

/** Reads a page of a list, with the changes that are on their way. */
export async function readPage(list: InboxList, cursor?: string, limit = PAGE, signal?: AbortSignal): Promise<InboxPage> {
  const where = list === 'unread' ? { state: 'inbox' as const, unread: true } : { state: list }
  const query = { ...where, limit, cursor }
  const page = await ask(api.GET('/v1/notifications', { params: { query }, signal }))
  if (!cursor && list === 'inbox') readCount(page.unread_count, page.items[0]?.seq ?? 0)
  const items = page.items
    .map((item) => (pending.has(item.id) ? patched(item, pending.get(item.id)!) : item))
    .filter((item) => belongs(item, list))
  return { ...page, items }
}

/** Reads a list of notifications page by page, newest first. */
export function useInbox(list: MaybeRefOrGetter<InboxList>) {
  const result = useInfiniteQuery({
    queryKey: computed(() => keys.inbox(toValue(list))),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => readPage(toValue(list), pageParam, PAGE, signal),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const notifications = computed(() => result.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...result, notifications }
}

/** Reads the lists again that are shown; the others when they are shown. */
export async function readInboxAgain(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: keys.anyInbox })
  const isShown = queryClient.getQueryCache().find({ queryKey: keys.inbox('inbox') })?.isActive()
  // The number beside "Inbox" comes with the list.
  if (!isShown) await readPage('inbox', undefined, 1).catch(() => undefined)
}

/** Puts notifications into the lists where they belong, and removes them from the others. */
export function putNotifications(notifications: readonly Notification[]): void {
  for (const list of LISTS) {
    queryClient.setQueryData<InboxPages>(keys.inbox(list), (pages) =>
      pages && notifications.reduce((all, notification) => put(all, list, notification), pages),
    )
  }
}

/** Returns a notification of the lists that were read. */
export function findNotifications(which: (notification: Notification) => boolean): Notification[] {
  const found = new Map<string, Notification>()
  for (const list of LISTS) {
    for (const page of queryClient.getQueryData<InboxPages>(keys.inbox(list))?.pages ?? [])
      for (const item of page.items) if (which(item)) found.set(item.id, item)
  }
  return [...found.values()]
}

/** Returns the pages of a list with a notification in its place, or without it. */
export function put(pages: InboxPages, list: InboxList, notification: Notification): InboxPages {
  const isThere = pages.pages.some((page) => page.items.some(({ id }) => id === notification.id))
  // What one reads stays in the list of unread ones until that is read again.
  const stays = belongs(notification, isThere && list === 'unread' ? 'inbox' : list)
  if (isThere) {
    const change = (items: Notification[]) =>
      stays ? items.map((item) => (item.id === notification.id ? notification : item)) : items.filter(({ id }) => id !== notification.id)
    return { ...pages, pages: pages.pages.map((page) => ({ ...page, items: change(page.items) })) }
  }
  return stays ? inserted(pages, notification) : pages
}

function inserted(pages: InboxPages, notification: Notification): InboxPages {
  const last = pages.pages.length - 1
  let done = false
  const next = pages.pages.map((page, index) => {
    if (done) return page
    const at = page.items.findIndex((item) => item.seq < notification.seq)
    if (at === -1 && index < last) return page
    done = true
    // Behind the last loaded one of an incomplete list: it comes with its page.
    if (at === -1 && page.next_cursor) return page
    return { ...page, items: at === -1 ? [...page.items, notification] : page.items.toSpliced(at, 0, notification) }
  })
  return { ...pages, pages: next }
}
