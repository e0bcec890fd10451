/** Beginning and ending a session in this browser. */

import { api, ask } from '@/api/client'
import type { User } from '@/api/types'
import { clearCache, restoreCache } from '@/cache/persist'
import { discard, resumeChanges, unsent } from '@/changes/queue'
import { clearUndo } from '@/changes/undo'
import { followInbox } from '@/inbox/live'
import { stopFollowing } from '@/live/project'
import { connect, disconnect } from '@/live/socket'
import { forgetNames, restoreNames } from '@/people/names'
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
  await restoreCache(id)
  restoreNames()
  followInbox()
  connect()
  void resumeChanges()
}

/** Returns how much of what the person typed or changed the server does not have. */
export const countUnsaved = (): number => unsent.value.length + countDrafts()

/** Logs out, and deletes what was read. `keep` keeps drafts and unsent changes in this browser for the next log-in. */
export async function logOut(keep: boolean): Promise<void> {
  if (!keep) {
    await discard(...unsent.value)
    clearDrafts()
  }
  disconnect()
  // The refresh token is in a cookie, so there is no body.
  await api.POST('/v1/auth/logout', { body: undefined as never }).catch(() => undefined)
  await forget()
}

/** Deletes what was read, because nobody is logged in any more. */
export async function forget(): Promise<void> {
  disconnect()
  stopFollowing()
  started = undefined
  if (me.value) setUser(null)
  await clearCache()
  forgetNames()
  clearUndo()
}
