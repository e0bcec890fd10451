import 'fake-indexeddb/auto'
import { createStore, get } from 'idb-keyval'
import { expect, it, vi } from 'vitest'
import { clearCache, restoreCache } from './persist'
import { queryClient } from './query-client'

it('stores what was read, except what is marked as unstored', async () => {
  await restoreCache('person-1')
  const read = (name: string, meta?: { unstored: boolean }) =>
    queryClient.fetchQuery({ queryKey: [name], queryFn: () => `the content of ${name}`, meta })
  await Promise.all([read('the list'), read('the file', { unstored: true })])

  const stored = async () => JSON.stringify(await get('queries', createStore('taskbell', 'cache')))
  await vi.waitFor(async () => expect(await stored()).toContain('the content of the list'), 5_000)
  expect(await stored()).not.toContain('the content of the file')
  await clearCache()
})
