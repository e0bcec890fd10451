import type { Router } from 'vue-router'
import { destinations } from './navigation'
import { undoLast } from '@/changes/undo'
import { commandsOpen, shortcutsOpen } from '@/commands/state'
import { useShortcuts } from '@/keys/keys'
import { openQuickAdd } from '@/quick-add/state'

/** Registers the shortcuts that work on every screen. */
export function useGlobalShortcuts(router: Router): void {
  const everywhere = 'keys-everywhere'
  useShortcuts([
    { keys: 'c', text: 'nav-new-task', group: everywhere, run: () => openQuickAdd() },
    { keys: 'mod+k', text: 'nav-commands', group: everywhere, whileTyping: true, run: () => (commandsOpen.value = true) },
    { keys: '?', text: 'nav-keys', group: everywhere, run: () => (shortcutsOpen.value = true) },
    { keys: 'z', text: 'undo', group: everywhere, run: undoLast },
    ...destinations.value.map(({ to, text, keys }) => ({
      keys,
      text,
      group: 'keys-go-to',
      run: () => void router.push(to),
    })),
  ])
}
