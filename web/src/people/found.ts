import { rememberNames } from './names'
import { api, ask } from '@/api/client'
import { keys } from '@/cache/keys'

/** Finds active people by words in their name or address; without words, all. Reads one page. */
export const foundPeople = (query: { q?: string; limit: number }) => ({
  queryKey: keys.foundUsers(query),
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { items } = await ask(api.GET('/v1/users', { params: { query: { ...query, active: true } }, signal }))
    rememberNames(items)
    return items
  },
})
