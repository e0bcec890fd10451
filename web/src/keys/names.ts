/** Names of keys as they stand on the keyboard. */

import { t } from '@/text'

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent)

/** Ctrl, or ⌘ on a Mac. */
export const modifier = (): string => (isMac ? '⌘' : t('commands-key-ctrl'))

const SIGNS: Record<string, string> = {
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  enter: '↵',
  ' ': '␣',
}
const NAMED = new Set(['shift', 'alt', 'escape', 'delete', 'backspace', 'tab', 'home', 'end', 'pageup', 'pagedown', 'space'])

function nameOf(key: string): string {
  if (key === 'mod') return modifier()
  if (isMac && key === 'shift') return '⇧'
  if (isMac && key === 'alt') return '⌥'
  return SIGNS[key] ?? (NAMED.has(key) ? t(`commands-key-${key}`) : key.length === 1 ? key.toUpperCase() : key)
}

/** Returns the keys to press one after the other, each with those to hold: `g i` is `[['G'], ['I']]`. */
export function keyNames(keys: string): string[][] {
  return keys.split(/(?<=\S) (?=\S)/).map((stroke) => stroke.split(/(?<=.)\+/).map(nameOf))
}
