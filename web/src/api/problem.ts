import type { components } from './schema'

export type Code = components['schemas']['Code']
export type Fault = components['schemas']['Fault']

/** An error response of the API (RFC 9457). */
export class Problem extends Error {
  override readonly name = 'Problem'

  constructor(
    readonly status: number,
    readonly code: Code,
    detail: string,
    /** The fields that are not valid, with 422. */
    readonly faults: Fault[] = [],
    /** The current state of the resource, with 412. */
    readonly current?: unknown,
    /** How many seconds to wait before the next attempt. */
    readonly retryAfter?: number,
  ) {
    super(detail)
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 429 || this.status >= 500
  }
}

/** The API cannot be reached: the browser is offline, or the connection failed. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

/** Returns the problem of an error response. A response that is not from the API becomes `unavailable`. */
export function problemOf(response: Response, body: unknown): Problem {
  const retryAfter = Number(response.headers.get('Retry-After')) || undefined
  if (typeof body === 'object' && body && 'code' in body) {
    const problem = body as components['schemas']['Problem']
    return new Problem(
      response.status,
      problem.code,
      problem.detail,
      problem.errors,
      problem.current,
      retryAfter,
    )
  }
  const status = response.status >= 400 ? response.status : 503
  return new Problem(status, status === 404 ? 'not_found' : 'unavailable', response.statusText, [], undefined, retryAfter)
}
