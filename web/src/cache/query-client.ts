import { QueryClient } from '@tanstack/vue-query'
import { Problem, Unreachable } from '@/api/problem'

const MINUTE = 60_000

/** What the client has read from the API. It is kept in IndexedDB for reading while offline. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // The live connection says what changed, and a resumed one what was missed.
      staleTime: 5 * MINUTE,
      gcTime: 24 * 60 * MINUTE,
      // Shows what is stored while offline, and reads again when the connection is back.
      networkMode: 'offlineFirst',
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < 3 && (error instanceof Unreachable || (error instanceof Problem && error.isTemporary)),
      retryDelay: (count, error) =>
        error instanceof Problem && error.retryAfter ? error.retryAfter * 1000 : Math.min(500 * 2 ** count, 8_000),
    },
    mutations: { networkMode: 'always' },
  },
})
