/** Returns the kinds of e-mails that an unsubscribe link names. Empty if it cannot be read. */
export function kindsOf(token: string): string[] {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')
    const { kinds, summary } = JSON.parse(atob(payload)) as { kinds?: unknown; summary?: unknown }
    const named = Array.isArray(kinds) ? kinds.filter((kind) => typeof kind === 'string') : []
    return summary === true ? [...named, 'summary'] : named
  } catch {
    return []
  }
}
