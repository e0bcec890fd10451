import { type EffectScope, effectScope, onScopeDispose, watch } from 'vue'
import { useLiveProject } from '@/live/project'

/** As many as one connection follows. */
const MOST = 50

/** Follows several projects while the component that calls this is mounted. */
export function useLiveProjects(ids: () => readonly string[]): void {
  const scopes = new Map<string, EffectScope>()
  const stop = (id: string) => {
    scopes.get(id)?.stop()
    scopes.delete(id)
  }
  watch(
    () => [...new Set(ids())].slice(0, MOST).toSorted().join(),
    (joined) => {
      const wanted = new Set(joined.split(',').filter(Boolean))
      for (const id of scopes.keys()) if (!wanted.has(id)) stop(id)
      for (const id of wanted) {
        if (scopes.has(id)) continue
        const scope = effectScope(true)
        scopes.set(id, scope)
        scope.run(() => useLiveProject(() => id))
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => [...scopes.keys()].forEach(stop))
}
