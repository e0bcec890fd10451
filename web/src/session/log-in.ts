/** Beginning and ending a session in this browser. */

import { api, ask } from '@/api/client'
import type { User } from '@/api/types'
import { clearCache, restoreCache } from '@/cache/persist'
import { discard, resumeChanges, unsent } from '@/changes/queue'
import { followInbox } from '@/inbox/live'
import { connect, disconnect } from '@/live/socket'
import { restoreNames } from '@/people/names'
import { leaving } from './refresh'
import { currentUser, me, setUser } from './session'
import { clearDrafts, countDrafts } from '@/ui/draft'

/** Logs in. Throws a problem, such as `wrong_credentials`. */
export async function logIn(email: string, password: string): Promise<void> {
  const { user } = await ask(api.POST('/v1/auth/login', { body: { email, password } }))
  await begin(user)
}

/** Creates an account and logs in. */
export async function register(account: { name: string; email: string; password: string; time_zone: string }): Promise<void> {
  const { user } = await ask(api.POST('/v1/auth/register', { body: account }))
  await begin(user)
}

async function begin(user: User): Promise<void> {
  setUser(user)
  await startSession()
}

let started: string | undefined

/** Restores what was stored for the person, connects, and sends what an earlier visit left. */
export async function startSession(): Promise<void> {
  const { id } = currentUser()
  if (started === id) return
  started = id
  // Without storage, what is shown is read again.
  await restoreCache(id).catch(() => undefined)
  // The API said meanwhile that the session has ended.
  if (me.value?.id !== id) return
  restoreNames()
  followInbox()
  connect()
  void resumeChanges()
}

/** Returns how much of what the person typed or changed the server does not have. */
export const countUnsaved = (): number => unsent.value.length + countDrafts()

/**
 * Logs out, and deletes what was read. `keep` keeps drafts and unsent changes in this browser for the next log-in.
 *
 * Throws {@link Unreachable} or a problem while the server cannot end the session: only it can remove the cookies.
 */
export async function logOut(keep: boolean): Promise<void> {
  // The refresh token is in a cookie, so there is no body.
  await leaving(() => ask<unknown>(api.POST('/v1/auth/logout', { body: undefined as never })))
  if (!keep) {
    await discard(...unsent.value)
    clearDrafts()
  }
  await forget()
}

/**
 * Deletes what was read, because nobody is logged in any more.
 *
 * Load the page anew after it: requests that are on their way would end in the page of the next person.
 */
export async function forget(): Promise<void> {
  disconnect()
  started = undefined
  if (me.value) setUser(null)
  await clearCache()
}
