/** Completes `#label`, `@person`, `+PROJECT` and `!priority` while they are typed. */

import { personOf } from './parse'
import { PRIORITIES } from '@/api/types'
import { t } from '@/text'
import { type Choice, find } from '@/ui/pick'

export type Sigil = '#' | '@' | '+' | '!'

/** What is being typed before the cursor. */
export interface Typing {
  sigil: Sigil
  typed: string
  /** Where the sign stands in the text. */
  start: number
  end: number
}

/** Returns what can be completed at the cursor. */
export function typingAt(text: string, cursor: number): Typing | undefined {
  const match = /(?:^|\s)([#@+!])([\p{L}\p{N}_/-]*)$/u.exec(text.slice(0, cursor))
  if (!match) return undefined
  const typed = match[2]!
  // "#1" and "+1" are no beginnings of names.
  if (/^\d/.test(typed) && match[1] !== '!') return undefined
  return { sigil: match[1] as Sigil, typed, start: cursor - typed.length - 1, end: cursor }
}

export interface Completion extends Choice {
  /** What is put into the line. */
  insert: string
  /** The id of a person, whose picture is shown. */
  person?: string
}

export interface Source {
  labels: readonly { label: string; count: number }[]
  people: readonly { id: string; name: string; email: string }[]
  projects: readonly { id: string; key: string; text: string }[]
  me?: string
}

const MOST = 8

/** Returns what fits to what is typed. Nothing, if it is complete already. */
export function completions({ sigil, typed }: Typing, source: Source): Completion[] {
  const found = find(choices(sigil, source), typed).slice(0, MOST)
  const written = `${sigil}${typed}`.toLowerCase()
  const isComplete = found.length === 1 && [found[0]!.insert, found[0]!.hint].some((one) => one?.toLowerCase() === written)
  return isComplete ? [] : found
}

function choices(sigil: Sigil, { labels, people, projects, me }: Source): Completion[] {
  switch (sigil) {
    case '#':
      return labels.map(({ label, count }) => ({
        value: label,
        text: label,
        hint: String(count),
        insert: /^\p{L}[\p{L}\p{N}_/-]*$/u.test(label) ? `#${label}` : `#{${label}}`,
      }))
    case '@':
      return people.map(({ id, name, email }) => ({
        value: id,
        text: name,
        hint: id === me ? t('you') : undefined,
        words: email,
        insert: written(name, { people, me }),
        person: id,
      }))
    case '+':
      return projects.map(({ id, key, text }) => ({ value: id, text, hint: key, words: key, insert: `+${key}` }))
    case '!':
      return PRIORITIES.toReversed().map((priority, index) => ({
        value: priority,
        text: t(`priority-${priority}`),
        hint: `!${index + 1}`,
        words: `${priority} ${index + 1}`,
        insert: `!${priority}`,
      }))
  }
}

/** Returns the shortest way to write a name: the first one, if only one person has it. */
function written(name: string, source: Pick<Source, 'people' | 'me'>): string {
  const first = name.trim().split(/\s+/)[0]!
  const isClear = /^\p{L}[\p{L}\p{N}_-]*$/u.test(first) && personOf(first, source) === personOf(name, source)
  return isClear ? `@${first}` : `@{${name}}`
}
