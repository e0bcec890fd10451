import createClient from 'openapi-fetch'
import { Unreachable, problemOf } from './problem'
import type { paths } from './schema'
import type { Page } from './types'
import { refresh, sessionEnded } from '@/session/refresh'

/** The header without which the API ignores the cookies of a session. */
export const SESSION_HEADER = { 'Taskbell-Session': 'cookie' }

/** Requests that must not be repeated after a refresh of the session: they begin or end it. */
const WITHOUT_REFRESH = /^\/v1\/auth\//

async function fetchWithSession(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await fetch(request)
  if (response.status !== 401 || WITHOUT_REFRESH.test(new URL(request.url).pathname)) return response
  if (await refresh()) return fetch(again)
  sessionEnded()
  return response
}

/** The typed API. Use it with {@link ask}. */
export const api = createClient<paths>({
  baseUrl: location.origin,
  headers: SESSION_HEADER,
  fetch: fetchWithSession,
  // Lists of values are separated by commas.
  querySerializer: { array: { style: 'form', explode: false } },
})

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>

/**
 * Returns the body of a response.
 *
 * Throws a {@link Problem} for an error response, and {@link Unreachable} without a response.
 */
export async function ask<T>(answer: Answer<T>): Promise<T> {
  const { data, error, response } = await answer.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === 'AbortError') throw reason
    // There is no connection, or it broke off in the middle of the response.
    throw new Unreachable('The server cannot be reached.')
  })
  if (!response.ok) throw problemOf(response, error)
  return data as T
}

/** Reads a list to its end: `page` returns the page at a cursor. */
export async function allPages<T>(page: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const next = await page(cursor)
    items.push(...next.items)
    cursor = next.next_cursor ?? undefined
  } while (cursor)
  return items
}

/** The header that lets a change succeed only if the resource still has this version. */
export const ifMatch = (version: number) => ({ 'If-Match': `"${version}"` })
