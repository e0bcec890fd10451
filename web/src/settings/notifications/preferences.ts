/** Reads the person's notification preferences, and saves each change at once. */

import { useQuery } from '@tanstack/vue-query'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Preferences } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

interface Stored {
  preferences: Preferences
  /** The version for `If-Match`. */
  etag: string | null
}

async function read(): Promise<Stored> {
  const answer = await api.GET('/v1/notification-preferences')
  const preferences = await ask(Promise.resolve(answer))
  return { preferences, etag: answer.response.headers.get('ETag') }
}

export const usePreferences = () => useQuery({ queryKey: keys.preferences, queryFn: read })

let saving: Promise<void> = Promise.resolve()

/** Changes the preferences: shows it at once, and takes it back with a sentence if it cannot be saved. */
export function changePreferences(change: (preferences: Preferences) => Preferences): void {
  const show = (stored: Stored | undefined) => stored && { ...stored, preferences: change(stored.preferences) }
  queryClient.setQueryData<Stored>(keys.preferences, show)
  // One after the other: each needs the version of the one before.
  saving = saving.then(() => save(change))
}

let version: string | null | undefined

async function save(change: (preferences: Preferences) => Preferences): Promise<void> {
  try {
    const shown = queryClient.getQueryData<Stored>(keys.preferences)
    if (!shown) return
    try {
      await put({ preferences: shown.preferences, etag: version ?? shown.etag })
    } catch (error) {
      if (!(error instanceof Problem && error.status === 412)) throw error
      // Changed elsewhere: the same change is made to what is there now.
      const current = await read()
      await put({ ...current, preferences: change(current.preferences) })
    }
  } catch (error) {
    version = undefined
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
    await queryClient.invalidateQueries({ queryKey: keys.preferences })
  }
}

async function put({ preferences, etag }: Stored): Promise<void> {
  const params = etag ? { header: { 'If-Match': etag } } : {}
  const answer = await api.PUT('/v1/notification-preferences', { params, body: preferences })
  await ask(Promise.resolve(answer))
  version = answer.response.headers.get('ETag')
  queryClient.setQueryData<Stored>(keys.preferences, (stored) => stored && { ...stored, etag: version ?? null })
}
