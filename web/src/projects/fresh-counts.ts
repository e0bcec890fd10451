import { onScopeDispose, watch } from 'vue'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { unsent } from '@/changes/queue'
import { onMessage } from '@/live/socket'

/** What changes the counts of projects comes in groups: they are read again when it has been quiet for so long. */
const QUIET_MS = 1_500
const KINDS = new Set(['task', 'project', 'notification', 'inbox'])

/** Reads the counts of projects again after changes, while the component that calls this is mounted. */
export function useFreshCounts(): void {
  let timer: ReturnType<typeof setTimeout> | undefined
  function soon(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void queryClient.invalidateQueries({ queryKey: keys.projects }), QUIET_MS)
  }
  const stop = onMessage(({ type }) => KINDS.has(type) && soon())
  watch(
    () => unsent.value.length,
    (length, former) => length < former && soon(),
  )
  onScopeDispose(() => {
    stop()
    clearTimeout(timer)
  })
}
