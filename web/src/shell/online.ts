import { onScopeDispose, readonly, shallowRef } from 'vue'

/** Returns whether the browser has a network connection. */
export function useOnline() {
  const online = shallowRef(navigator.onLine)
  const update = () => (online.value = navigator.onLine)
  addEventListener('online', update)
  addEventListener('offline', update)
  onScopeDispose(() => {
    removeEventListener('online', update)
    removeEventListener('offline', update)
  })
  return readonly(online)
}
