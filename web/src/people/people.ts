/** Reads and changes accounts, for administrators. */

import { type InfiniteData, useInfiniteQuery } from '@tanstack/vue-query'
import { type Ref, computed } from 'vue'
import { rememberNames } from './names'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Page, Role, User } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { isAdministrator, me, setUser } from '@/session/session'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

export const ROLES: readonly Role[] = ['user', 'manager', 'admin']

export interface PeopleQuery {
  q?: string
  role?: Role
  active?: boolean
}

type UserPages = InfiniteData<Page<User>>
export type UserChanges = { name?: string; role?: Role; active?: boolean }

const PAGE = 100

/** Reads accounts page by page. */
export function usePeople(query: Ref<PeopleQuery>) {
  const result = useInfiniteQuery({
    queryKey: computed(() => keys.users(query.value)),
    enabled: isAdministrator,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const params = { query: { ...query.value, limit: PAGE, cursor: pageParam } }
      const page: Page<User> = await ask(api.GET('/v1/users', { params, signal }))
      rememberNames(page.items)
      return page
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchOnMount: 'always',
  })
  const people = computed(() => result.data.value?.pages.flatMap((page) => page.items) ?? [])
  return { ...result, people }
}

function show(user: User): void {
  queryClient.setQueriesData<UserPages>({ queryKey: keys.users({}).slice(0, 1) }, (known) =>
    known?.pages
      ? { ...known, pages: known.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === user.id ? user : one)) })) }
      : known,
  )
  rememberNames([user])
}

/** Changes an account at once, and takes it back if the API refuses. Returns whether it succeeded. */
export async function changeUser(user: User, changes: UserChanges, done: string): Promise<boolean> {
  show({ ...user, ...changes })
  try {
    const changed = await sendUser(user.id, changes)
    showToast({ text: done })
    if (changed.id === me.value?.id) setUser(changed)
    return true
  } catch (error) {
    show(user)
    showToast({ text: t('change-refused', { reason: reasonOf(error) }), kind: 'error' })
    return false
  }
}

/** Changes an account. `etag`: only if nobody else changed it since it was read. */
export async function sendUser(id: string, body: UserChanges, etag?: string): Promise<User> {
  const header = etag ? { 'If-Match': etag } : {}
  const changed = await ask(api.PATCH('/v1/users/{id}', { body, params: { path: { id }, header } }))
  show(changed)
  return changed
}

/** Returns why a change was refused. */
export const reasonOf = (error: unknown): string =>
  error instanceof Problem && error.code === 'last_administrator' ? t('people-last-administrator') : sentenceOf(error)
