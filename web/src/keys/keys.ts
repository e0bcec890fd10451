/** Keyboard shortcuts: components register them while they are mounted, and `?` lists them. */

import { onScopeDispose, shallowRef } from 'vue'

export interface Shortcut {
  /** `c`, `shift+d`, `mod+k` (Ctrl, or ⌘ on a Mac), `g i` (one after the other), `?`. */
  keys: string
  /** What it does, as the id of a text. */
  text: string
  /** The heading in the list of shortcuts, as the id of a text. */
  group: string
  run: (event: KeyboardEvent) => void
  /** Whether it also works while one types. */
  whileTyping?: boolean
  /** While the focus is in this element, the shortcut wins over those of other parts of the page. */
  within?: () => Element | null | undefined
}

const SEQUENCE_MS = 1_000

/** All shortcuts that work now. Later ones win. */
export const shortcuts = shallowRef<Shortcut[]>([])

let first = ''
let firstAt = 0

/** Registers shortcuts while the component that calls this is mounted. */
export function useShortcuts(list: Shortcut[]): void {
  shortcuts.value = [...shortcuts.value, ...list]
  onScopeDispose(() => {
    shortcuts.value = shortcuts.value.filter((shortcut) => !list.includes(shortcut))
  })
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select')
}

/** Returns the key of an event as {@link Shortcut.keys} names it. */
export function nameOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase()
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  // With a letter, Shift is part of the name; with "?" it is how the key is typed.
  if (event.shiftKey && (key.length > 1 || /[a-z]/.test(key))) parts.push('shift')
  return [...parts, key].join('+')
}

function handle(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  const typing = isTyping(event.target)
  const name = nameOf(event)
  const recent = event.timeStamp - firstAt < SEQUENCE_MS ? first : ''
  const find = (keys: string) => {
    const fitting = shortcuts.value.filter((shortcut) => shortcut.keys === keys && (shortcut.whileTyping || !typing))
    return fitting.findLast(({ within }) => within?.()?.contains(document.activeElement)) ?? fitting.at(-1)
  }
  const found = (recent && find(`${recent} ${name}`)) || find(name)
  first = typing ? '' : name
  firstAt = event.timeStamp
  if (!found) return
  // A dialog or menu handles its own keys.
  const dialog = document.querySelector('[role=dialog][data-state=open], [role=menu][data-state=open]')
  if (dialog && !found.whileTyping && !dialog.contains(event.target as Node)) return
  event.preventDefault()
  first = ''
  found.run(event)
}

addEventListener('keydown', handle)
