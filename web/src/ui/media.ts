import { type ShallowRef, onScopeDispose, readonly, shallowRef } from 'vue'

/** Returns whether the window fits a media query, such as `(width < 48rem)`. */
export function useMedia(query: string): Readonly<ShallowRef<boolean>> {
  const list = matchMedia(query)
  const matches = shallowRef(list.matches)
  const update = () => (matches.value = list.matches)
  list.addEventListener('change', update)
  onScopeDispose(() => list.removeEventListener('change', update))
  return readonly(matches)
}
