/** Keys of projects: the prefix of the keys of their tasks, such as `WEB` of `WEB-42`. */

const LONGEST = 10
const ENOUGH = 4

export const isKey = (key: string): boolean => /^[A-Z][A-Z0-9]{1,9}$/.test(key)

/** Returns what was typed as a key may be written: in capital letters, without blanks and signs. */
export const asKey = (typed: string): string => letters(typed).slice(0, LONGEST)

/** Suggests a key for a project: the first letters of its words, or the beginning of its only word. */
export function suggestKey(name: string, taken: Iterable<string> = []): string {
  const words = letters(name, ' ').split(' ').filter(Boolean)
  const initials = words.map((word) => (/^\d+$/.test(word) ? word : word[0])).join('')
  const joined = words.join('').replace(/^\d+/, '')
  const first = initials.replace(/^\d+/, '')
  const base = (words.length > 1 && first.length > 1 ? first : joined.slice(0, ENOUGH)).slice(0, LONGEST)
  if (!isKey(base)) return ''
  const others = new Set(taken)
  if (!others.has(base)) return base
  for (let n = 2; ; n += 1) {
    const next = base.slice(0, LONGEST - String(n).length) + n
    if (!others.has(next)) return next
  }
}

/** Returns the letters and digits of a text in capitals, without accents; what stands between them becomes `gap`. */
function letters(text: string, gap = ''): string {
  return text
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, gap)
}
