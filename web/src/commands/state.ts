import { shallowRef } from 'vue'

/** Whether the command menu is open. */
export const commandsOpen = shallowRef(false)
/** Whether the list of keyboard shortcuts is open. */
export const shortcutsOpen = shallowRef(false)
