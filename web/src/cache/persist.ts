import { type PersistedClient, type Persister, persistQueryClient } from '@tanstack/query-persist-client-core'
import { clear, createStore, del, get, set } from 'idb-keyval'
import { queryClient } from './query-client'

const store = createStore('taskbell', 'cache')
const KEY = 'queries'
const SAVE_MS = 1_000
const DAY_MS = 24 * 60 * 60 * 1000

let timer: ReturnType<typeof setTimeout> | undefined

const persister: Persister = {
  persistClient(client: PersistedClient) {
    clearTimeout(timer)
    timer = setTimeout(() => void set(KEY, client, store).catch(() => undefined), SAVE_MS)
  },
  restoreClient: () => get<PersistedClient>(KEY, store).catch(() => undefined),
  removeClient: () => del(KEY, store),
}

/**
 * Restores what the person had read before, and keeps storing it, except queries with `unstored` in their `meta`.
 *
 * `userId` separates people who share a browser.
 */
export async function restoreCache(userId: string): Promise<void> {
  const [, restored] = persistQueryClient({
    queryClient,
    persister,
    maxAge: 7 * DAY_MS,
    buster: `1:${userId}`,
    dehydrateOptions: { shouldDehydrateQuery: ({ state, meta }) => state.status === 'success' && !meta?.unstored },
  })
  await restored
}

/** Deletes all that was read. */
export async function clearCache(): Promise<void> {
  clearTimeout(timer)
  queryClient.clear()
  await clear(store).catch(() => undefined)
}
