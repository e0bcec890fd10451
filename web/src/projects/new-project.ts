import { shallowRef } from 'vue'

/** Whether the dialog for a new project is open. */
export const newProjectOpen = shallowRef(false)
