/** What the command menu offers. Screens add their own commands while they are shown. */

import type { IconNode } from 'lucide'
import { onScopeDispose, shallowRef } from 'vue'
import type { Priority, Status } from '@/api/types'

export interface Command {
  /** Names it among all, also in what was used last. */
  id: string
  /** What it does, in the person's language. */
  text: string
  /** The heading above it, as the id of a text. */
  group: string
  icon?: IconNode
  /** A person, a status or a priority is shown instead of an icon. */
  person?: string
  status?: Status
  priority?: Priority
  hint?: string
  /** Its shortcut, as in {@link Shortcut.keys}. */
  keys?: string
  /** More words by which it is found. */
  words?: string
  run?: () => void
  /** Instead of running, it lets one choose among these. */
  choices?: () => Command[]
}

const sources = shallowRef<readonly (() => Command[])[]>([])

/** Offers commands while the component that calls this is mounted. `source` is asked whenever the menu is open. */
export function useCommands(source: () => Command[]): void {
  sources.value = [...sources.value, source]
  onScopeDispose(() => (sources.value = sources.value.filter((other) => other !== source)))
}

/** Returns the commands of the screens that are shown. */
export const screenCommands = (): Command[] => sources.value.flatMap((source) => source())
