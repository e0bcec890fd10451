/** Reads and changes the account of the person who is logged in. */

import { api, ask } from '@/api/client'
import type { User } from '@/api/types'
import { setUser } from '@/session/session'

/** The version that was read last: a change is refused if there is a newer one. */
let etag: string | undefined

function shown<T extends { data?: User; response: Response }>(answer: T): T {
  if (!answer.response.ok || !answer.data) return answer
  etag = answer.response.headers.get('ETag') ?? undefined
  setUser(answer.data)
  return answer
}

/** Reads the account. */
export const readMe = (): Promise<User> => ask(api.GET('/v1/users/me').then(shown))

/** Changes the account, as it was read last. */
export function saveMe(body: { name: string; time_zone: string }): Promise<User> {
  const header = etag ? { 'If-Match': etag } : {}
  return ask(api.PATCH('/v1/users/me', { body, params: { header } }).then(shown))
}
