import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { markSeen } from './actions'
import type { Group } from './grouping'
import type { InboxList } from './notification'

/** Who goes past a notification with the keys has not read it. */
const SEEN_MS = 600

/** Which list the inbox shows, and which notifications are open beside it. Both are in the address. */
export function useOpenGroup() {
  const route = useRoute()
  const router = useRouter()

  const tab = computed<'inbox' | 'snoozed' | 'archived'>(() =>
    route.query.tab === 'snoozed' || route.query.tab === 'archived' ? route.query.tab : 'inbox',
  )
  const onlyUnread = computed(() => tab.value === 'inbox' && route.query.unread === '1')
  const list = computed<InboxList>(() => (onlyUnread.value ? 'unread' : tab.value))
  const openId = computed(() => (typeof route.query.open === 'string' ? route.query.open : undefined))

  /** Opens a group. One that is open already is replaced, so that "back" closes it. */
  function open(group: Group): void {
    const to = { query: { ...route.query, open: group.id } }
    void (openId.value ? router.replace(to) : router.push(to))
  }

  function close(): void {
    const { open: _open, ...query } = route.query
    void router.replace({ query })
  }

  function filterUnread(only: boolean): void {
    const { unread: _unread, ...query } = route.query
    void router.replace({ query: only ? { ...query, unread: '1' } : query })
  }

  return { tab, list, onlyUnread, openId, open, close, filterUnread }
}

/** Returns the open group. It stays while one reads it, also if another browser takes it out of the list. */
export function useOpened(groups: () => readonly Group[], openId: () => string | undefined) {
  const last = shallowRef<Group>()
  const opened = computed(() => {
    const id = openId()
    if (!id) return undefined
    return groups().find((group) => group.id === id) ?? (last.value?.id === id ? last.value : undefined)
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  // A new notification about the open task is seen, too; what one marks as unread stays so.
  watch(
    () => opened.value && [opened.value.id, opened.value.newest.seq].join(),
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => opened.value && !document.hidden && markSeen(opened.value), SEEN_MS)
    },
    { immediate: true },
  )
  watch(opened, (group) => (last.value = group), { immediate: true })
  onScopeDispose(() => clearTimeout(timer))
  return opened
}
