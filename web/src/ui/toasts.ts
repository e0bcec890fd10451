import { shallowRef } from 'vue'

export interface ToastAction {
  text: string
  run: () => void
}

export interface Toast {
  text: string
  kind?: 'info' | 'error'
  action?: ToastAction
  /** A second thing to do, shown first: to open what was made. */
  link?: ToastAction
}

const SHOWN_MS = 6_000
const MOST = 3

/** The messages that are shown, oldest first. */
export const toasts = shallowRef<(Toast & { id: number })[]>([])
let lastId = 0

/** Shows a short message, which goes by itself. */
export function showToast(toast: Toast): void {
  const id = (lastId += 1)
  toasts.value = [...toasts.value.slice(1 - MOST), { ...toast, id }]
  setTimeout(() => hideToast(id), SHOWN_MS)
}

export function hideToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}
