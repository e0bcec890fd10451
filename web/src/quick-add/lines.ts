/** Splits text into tasks: each line is one, and indented lines are subtasks of the line above. */

export interface Line {
  text: string
  /** Which of the lines it is a subtask of, or -1. */
  parent: number
  /** 0 for a task, 1 for its subtasks, … */
  depth: number
}

/** A tree of tasks has at most this many levels. */
const MOST_LEVELS = 5
const TAB = 4
/** `- `, `* `, `• `, `1. `, `[ ] `, also one behind the other: what lists are pasted with. */
const MARKER = /^(?:(?:[-*•–]|\d{1,3}[.)])\s+)?(?:\[[ xX]?\]\s+)?/u

/** Returns the lines that are not empty. `level` is how deep the first ones are: 1 if they have a parent already. */
export function splitLines(text: string, level = 0): Line[] {
  const written = text.split(/\r\n|\r|\n/u).filter((line) => line.trim())
  const lines: Line[] = []
  /** The lines that the next one may be below, with their indentation. */
  const open: { indent: number; index: number }[] = []
  for (const one of written) {
    const indent = widthOf(/^\s*/u.exec(one)![0])
    while (open.length && open.at(-1)!.indent >= indent) open.pop()
    // Deeper than a tree may be: becomes a sibling of the line above.
    const above = open.slice(0, MOST_LEVELS - 1 - level).at(-1)
    // A single line is a title as it stands: "1. March" is no list.
    const trimmed = written.length > 1 ? one.trim().replace(MARKER, '') || one.trim() : one.trim()
    lines.push({ text: trimmed, parent: above?.index ?? -1, depth: above ? lines[above.index]!.depth + 1 : 0 })
    open.push({ indent, index: lines.length - 1 })
  }
  return lines
}

function widthOf(space: string): number {
  let width = 0
  for (const letter of space) width += letter === '\t' ? TAB - (width % TAB) : 1
  return width
}
