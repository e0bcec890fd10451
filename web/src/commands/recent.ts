import { me } from '@/session/session'

const MOST = 5
const name = () => `taskbell.recent-commands.${me.value?.id ?? ''}`

/** Returns the ids of the commands that were used last, the newest first. */
export function recentCommands(): string[] {
  try {
    return JSON.parse(localStorage.getItem(name()) ?? '[]') as string[]
  } catch {
    return []
  }
}

/** Remembers that a command was used. */
export function rememberCommand(id: string): void {
  const ids = [id, ...recentCommands().filter((other) => other !== id)]
  localStorage.setItem(name(), JSON.stringify(ids.slice(0, MOST)))
}
