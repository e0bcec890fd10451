import { type Ref, customRef } from 'vue'
import { me } from '@/session/session'

const PREFIX = 'taskbell.draft'

const nameOf = (key: string) => `${PREFIX}.${me.value?.id ?? 'anyone'}.${key}`

/**
 * Returns text that is being typed. It survives a reload, an expired session and being offline, until it is emptied.
 *
 * `key` names what it is for, such as `comment.<task id>`.
 */
export function useDraft(key: () => string): Ref<string> {
  return customRef((track, trigger) => ({
    get() {
      track()
      return localStorage.getItem(nameOf(key())) ?? ''
    },
    set(text) {
      if (text) localStorage.setItem(nameOf(key()), text)
      else localStorage.removeItem(nameOf(key()))
      trigger()
    },
  }))
}

/** Returns how many drafts the person has. */
export const countDrafts = (): number => names().length

/** Deletes the person's drafts. */
export function clearDrafts(): void {
  for (const name of names()) localStorage.removeItem(name)
}

function names(): string[] {
  const prefix = nameOf('')
  return Object.keys(localStorage).filter((name) => name.startsWith(prefix))
}
