/** Mentions in Markdown: `@[name](user:<id>)`. */

const ID = '[0-9a-f-]{36}'
/** Finds mentions; the groups are the name and the id. */
export const MENTION = new RegExp(`@\\[((?:\\\\.|[^\\\\\\]])*)\\]\\(user:(${ID})\\)`, 'gi')

export interface Mention {
  name: string
  id: string
}

const unescape = (name: string): string => name.replaceAll(/\\(.)/g, '$1')

/** Returns a mention as it stands in the text. */
export const mentionOf = ({ name, id }: Mention): string => `@[${name.replaceAll(/[\\[\]]/g, String.raw`\$&`)}](user:${id})`

/** Returns who is mentioned in a text. */
export function mentionsIn(text: string): Mention[] {
  return [...text.matchAll(MENTION)].map(([, name = '', id = '']) => ({ name: unescape(name), id }))
}

/** Returns the text with names instead of mentions, for a line of plain text. */
export const withNames = (text: string): string => text.replaceAll(MENTION, (_all, name: string) => `@${unescape(name)}`)

/** Returns what is typed after an `@` directly before the cursor, and where the `@` stands. */
export function typedMention(text: string, cursor: number): { at: number; typed: string } | undefined {
  const found = /(?:^|[\s(])@([\p{L}\p{M}\p{N}'’-]{0,30}(?: [\p{L}\p{M}\p{N}'’-]{0,30})?)$/u.exec(text.slice(0, cursor))
  if (!found) return undefined
  const typed = found[1] ?? ''
  return { at: cursor - typed.length - 1, typed }
}
