/** Reads a line that describes a task: its title, and what is recognised in it. */

import { type Clock, type FoundWhen, type When, instantOf, whenAt } from './dates'
import type { Priority } from '@/api/types'

export interface Context extends Clock {
  /** The id of who writes: `@me`. */
  me?: string
  /** Who can be meant by `@`. */
  people: readonly { id: string; name: string }[]
  projects: readonly { id: string; key: string }[]
  /** What was recognised and given back to the title, as {@link plainKey} names it. */
  plain?: ReadonlySet<string>
}

interface Place {
  start: number
  end: number
  /** What is written there. */
  text: string
}
export type Part = Place &
  (
    | { kind: 'due'; when: When }
    | { kind: 'priority'; priority: Priority }
    | { kind: 'label'; label: string }
    | { kind: 'assignee'; id: string }
    | { kind: 'project'; id: string }
  )

export interface Parsed {
  title: string
  /** What is recognised, in the order of the line. */
  parts: Part[]
  due_at?: string
  priority?: Priority
  labels: string[]
  assignee_id?: string
  project_id?: string
}

const PRIORITY_NAMES: Record<Priority, string[]> = {
  urgent: ['1', 'urgent', 'dringend'],
  high: ['2', 'high', 'hoch'],
  medium: ['3', 'medium', 'mittel'],
  low: ['4', 'low', 'niedrig'],
}
const MOST_LABELS = 20
const LONGEST_LABEL = 40

const END = '(?=[\\s.,;:!?)]|$)'
const PRIORITY = new RegExp(`!([\\p{L}\\d]+)${END}`, 'uy')
const LABEL = new RegExp(`#(?:"([^"]+)"|\\{([^}]+)\\}|(\\p{L}[\\p{L}\\p{N}_/-]*))${END}`, 'uy')
const PERSON = new RegExp(`@(?:"([^"]+)"|\\{([^}]+)\\}|(\\p{L}[\\p{L}\\p{N}_'’-]*(?:\\.[\\p{L}\\p{N}]+)*))${END}`, 'uy')
const PROJECT = new RegExp(`\\+(\\p{L}[\\p{L}\\p{N}_-]*)${END}`, 'uy')
/** Text in quotes is meant as it stands, and so is code. The quotes of `@"Ann Lee"` are not such quotes. */
const VERBATIM = /(?<=^|[\s(])(?:"[^"]+"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|»[^«]+«|`[^`]+`)(?!\p{L})/gu

/** Returns how a part is named in {@link Context.plain}. */
export const plainKey = (part: Pick<Part, 'kind' | 'text'>): string => `${part.kind}:${part.text.toLowerCase()}`

/** Reads one line. A line of which nothing would be left is a title. */
export function parse(line: string, context: Context): Parsed {
  const parts = chosen(line, candidates(line, context))
  const title = without(line, parts)
  if (!title) return { title: line.trim(), parts: [], labels: [] }
  const result: Parsed = { title, parts, labels: [] }
  const when: When = {}
  for (const part of parts) {
    if (part.kind === 'due') Object.assign(when, part.when)
    else if (part.kind === 'priority') result.priority = part.priority
    else if (part.kind === 'assignee') result.assignee_id = part.id
    else if (part.kind === 'project') result.project_id = part.id
    else if (!result.labels.some((label) => same(label, part.label))) result.labels.push(part.label)
  }
  if (when.date || when.time) result.due_at = instantOf(when, context)
  return result
}

type Candidate = Part & Pick<FoundWhen, 'onlyAtEnd' | 'onlyBeforeDate'>

function candidates(line: string, context: Context): Candidate[] {
  const verbatim = [...line.matchAll(VERBATIM)].map((match) => [match.index, match.index + match[0].length] as const)
  const found: Candidate[] = []
  const words = /(?<=^|\s)\S/gu
  for (let word = words.exec(line); word; word = words.exec(line)) {
    const at = word.index
    const inside = verbatim.find(([start, end]) => start <= at && at < end)
    if (inside) {
      words.lastIndex = inside[1]
      continue
    }
    const part = partAt(line, at, context)
    if (!part || verbatim.some(([start]) => at < start && start < part.end)) continue
    words.lastIndex = part.end
    if (!isPlain(part, context.plain)) found.push(part)
  }
  return found
}

/** A part that grew since it was given back stays plain: "fri" and then "fri 14:30". */
function isPlain(part: Part, plain: ReadonlySet<string> | undefined): boolean {
  const key = plainKey(part)
  return [...(plain ?? [])].some((known) => key.startsWith(known))
}

function partAt(line: string, at: number, context: Context): Candidate | undefined {
  const match = (expression: RegExp) => {
    expression.lastIndex = at
    return expression.exec(line)
  }
  const place = (text: string): Place => ({ start: at, end: at + text.length, text })
  let found: RegExpExecArray | null
  switch (line[at]) {
    case '!': {
      if (!(found = match(PRIORITY))) return undefined
      const name = found[1]!.toLowerCase()
      const priority = (Object.keys(PRIORITY_NAMES) as Priority[]).find((one) => PRIORITY_NAMES[one].includes(name))
      return priority && { ...place(found[0]), kind: 'priority', priority }
    }
    case '#': {
      if (!(found = match(LABEL))) return undefined
      const label = (found[1] ?? found[2] ?? found[3]!).trim()
      return label && label.length <= LONGEST_LABEL ? { ...place(found[0]), kind: 'label', label } : undefined
    }
    case '@': {
      if (!(found = match(PERSON))) return undefined
      const id = personOf(found[1] ?? found[2] ?? found[3]!, context)
      return id ? { ...place(found[0]), kind: 'assignee', id } : undefined
    }
    case '+': {
      found = match(PROJECT)
      const key = found?.[1]!.toLowerCase()
      const project = context.projects.find((one) => one.key.toLowerCase() === key)
      if (found && project) return { ...place(found[0]), kind: 'project', id: project.id }
    }
  }
  const when = whenAt(line, at, context)
  if (!when) return undefined
  const { start, end, date, time, onlyAtEnd, onlyBeforeDate } = when
  const part: When = { ...(date && { date }), ...(time && { time }) }
  return { start, end, text: line.slice(start, end), kind: 'due', when: part, onlyAtEnd, onlyBeforeDate }
}

const folded = (text: string) => text.normalize('NFD').replaceAll(/[\p{M}\s_.'’-]/gu, '').toLowerCase()
const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** Returns the one person who is meant: whose name or part of the name it is, or of only one the beginning. */
export function personOf(written: string, { people, me }: Pick<Context, 'people' | 'me'>): string | undefined {
  const wanted = folded(written)
  if (!wanted) return undefined
  if (me && (wanted === 'me' || wanted === 'ich') && people.some(({ id }) => id === me)) return me
  const names = (name: string) => [name, ...name.trim().split(/\s+/)].map(folded)
  const only = (fits: (name: string) => boolean) => {
    const found = people.filter(({ name }) => names(name).some(fits))
    return found.length === 1 ? found[0]!.id : undefined
  }
  return only((name) => name === wanted) ?? only((name) => name.startsWith(wanted))
}

/** Of each kind the last one counts, which is where people add it; the others stay in the title. All labels count. */
function chosen(line: string, all: Candidate[]): Part[] {
  const parts: Part[] = []
  const taken = new Set<string>()
  let labels = 0
  for (let index = all.length - 1; index >= 0; index -= 1) {
    const candidate = all[index]!
    const { onlyAtEnd, onlyBeforeDate, ...part } = candidate
    const behind = without(line, [...parts, { ...part, start: 0 } as Part])
    // What was meant to be recognised, such as a name that is not known, is no part of the sentence.
    if (onlyAtEnd && behind.replaceAll(/(?<=^|\s)[#@+!]\S+/gu, '').replaceAll(/[\p{P}\s]/gu, '')) continue
    if (onlyBeforeDate) {
      const next = all[index + 1]
      const follows = next?.kind === 'due' && parts.some(({ start }) => start === next.start) && next.when.date
      if (!follows || line.slice(part.end, next.start).trim()) continue
    }
    if (part.kind === 'label') {
      if ((labels += 1) > MOST_LABELS) continue
    } else if (part.kind === 'due') {
      if ((part.when.date && taken.has('date')) || (part.when.time && taken.has('time'))) continue
      if (part.when.date) taken.add('date')
      if (part.when.time) taken.add('time')
    } else if (taken.has(part.kind)) continue
    else taken.add(part.kind)
    parts.unshift(part as Part)
  }
  return parts
}

/** Returns the line without the parts, and without the spaces and commas around them. */
function without(line: string, parts: readonly Place[]): string {
  let rest = ''
  let at = 0
  for (const { start, end } of parts.toSorted((a, b) => a.start - b.start)) {
    rest += line.slice(at, Math.max(at, start))
    at = Math.max(at, end)
  }
  rest += line.slice(at)
  if (!parts.length) return rest.trim()
  return rest
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/ (?=[.,;:?!](?:\s|$))/gu, '')
    .replace(/^[\s,;:–.-]+(?=\s)/u, '')
    .replace(/[\s,;:–-]+$/u, '')
    .trim()
}
