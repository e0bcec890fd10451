/** Names of people for the ids that tasks and comments carry. */

import { shallowReactive } from 'vue'
import { api, ask } from '@/api/client'
import type { User } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { me } from '@/session/session'
import { t } from '@/text'

/** As many ids as one request takes. */
const BATCH = 200

const known = shallowReactive(new Map<string, string>())
const asked = new Set<string>()
const waiting = new Set<string>()

/** Returns the name of a person, and "Someone" until it is known. Names that are needed together are read at once. */
export function nameOf(id: string | null | undefined): string {
  if (!id) return t('assignee-none')
  if (id === me.value?.id) return me.value.name
  const name = known.get(id)
  if (name === undefined && !asked.has(id)) {
    asked.add(id)
    if (!waiting.size) setTimeout(() => void read())
    waiting.add(id)
  }
  return name ?? t('someone')
}

/** Remembers names that were read with something else. */
export function rememberNames(people: Iterable<Pick<User, 'id' | 'name'>>): void {
  for (const { id, name } of people) known.set(id, name)
  // Kept with everything else that was read, for reading while offline.
  queryClient.setQueryData(keys.names, Object.fromEntries(known))
}

/** Restores the names of an earlier visit. */
export function restoreNames(): void {
  const names = queryClient.getQueryData<Record<string, string>>(keys.names) ?? {}
  for (const [id, name] of Object.entries(names)) known.set(id, name)
}

async function read(): Promise<void> {
  const ids = [...waiting].slice(0, BATCH)
  for (const id of ids) waiting.delete(id)
  if (waiting.size) setTimeout(() => void read())
  try {
    const query = { ids: ids.join(','), limit: BATCH } as object
    rememberNames((await ask(api.GET('/v1/users', { params: { query } }))).items)
  } catch {
    // They are asked for again when they are shown again.
    for (const id of ids) asked.delete(id)
  }
}
