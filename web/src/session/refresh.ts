/** Refreshing the session: the access token is short-lived, and its cookie is not readable by scripts. */

import { Unreachable } from '@/api/problem'

const REFRESHED_AT = 'taskbell.refreshed-at'
/** A refresh of another tab within this time is used instead of a new one. */
const RECENT_MS = 5_000

type Listener = () => void
const listeners = new Set<Listener>()

/** Calls the listener when the session has ended and the person must log in again. */
export function onSessionEnded(listener: Listener): void {
  listeners.add(listener)
}

export function sessionEnded(): void {
  if (isLeaving) return
  for (const listener of listeners) listener()
}

let isLeaving = false

/** Ends the session by a request. What is refused from then on, because it has ended, is no news. */
export async function leaving(end: () => Promise<unknown>): Promise<void> {
  isLeaving = true
  try {
    await end()
  } catch (error) {
    isLeaving = false
    throw error
  }
}

/**
 * Refreshes the session. Returns whether there is one. Throws {@link Unreachable} if the server does not say.
 *
 * Tabs take turns, so that the refresh token, which is replaced by each use, is used once.
 */
export async function refresh(): Promise<boolean> {
  const asked = Date.now()
  return navigator.locks.request('taskbell.refresh', async () => {
    const refreshedAt = Number(localStorage.getItem(REFRESHED_AT))
    if (refreshedAt > asked - RECENT_MS && refreshedAt <= Date.now()) return true
    const response = await fetch('/v1/auth/refresh', {
      method: 'POST',
      headers: { 'Taskbell-Session': 'cookie' },
    }).catch(() => undefined)
    if (response?.status === 401) return false
    // Only 401 says that the session has ended.
    if (!response?.ok) throw new Unreachable('The session cannot be refreshed now.')
    localStorage.setItem(REFRESHED_AT, String(Date.now()))
    return true
  })
}
