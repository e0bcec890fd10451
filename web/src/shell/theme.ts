import { shallowRef } from 'vue'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const STORED = 'taskbell.theme'

/** The chosen colours; `system` follows the device. */
export const theme = shallowRef<Theme>('system')

/** Chooses the colours, and remembers them in this browser. */
export function setTheme(chosen: Theme): void {
  theme.value = chosen
  localStorage.setItem(STORED, chosen)
  if (chosen === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = chosen
}

/** Applies the colours that were chosen before. */
export function loadTheme(): void {
  setTheme(THEMES.find((one) => one === localStorage.getItem(STORED)) ?? 'system')
}
