/** One of the values that a person chooses from. */
export interface Choice<V extends string = string> {
  value: V
  text: string
  /** Shown at the end of the line, in a quiet colour. */
  hint?: string
  /** More words by which it is found. */
  words?: string
}

const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()

/** Returns the choices with words that begin as the person typed, in their order. */
export function find<C extends Choice>(choices: readonly C[], typed: string): C[] {
  const wanted = folded(typed).split(/\s+/).filter(Boolean)
  if (!wanted.length) return [...choices]
  return choices.filter(({ text, words }) => {
    const has = folded(`${text} ${words ?? ''}`).split(/[\s@._-]+/)
    return wanted.every((word) => has.some((part) => part.startsWith(word)))
  })
}
