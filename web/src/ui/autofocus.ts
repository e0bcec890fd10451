import type { ObjectDirective } from 'vue'

/** `v-autofocus` gives the element the focus when it appears. The attribute works only when the page is loaded. */
export const vAutofocus: ObjectDirective<HTMLElement, boolean | undefined> = {
  mounted(element, { value }) {
    if (value !== false) element.focus()
  },
}
