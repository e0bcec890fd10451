import { type MaybeRefOrGetter, computed, toValue, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { type AddressQuery, type ViewState, fromQuery, hasView, otherQuery, toQuery } from './view-state'
import { me } from '@/session/session'

const PAGE = '/projects/:project'

/** The view of a project: it lives in the address, and is remembered in this browser for the next visit. */
export function useView(projectId: MaybeRefOrGetter<string | undefined>) {
  const route = useRoute()
  const router = useRouter()
  const name = () => `taskbell.view.${me.value?.id ?? ''}.${toValue(projectId) ?? ''}`
  const isHere = () => route.matched.at(-1)?.path === PAGE

  const state = computed(() => fromQuery(route.query as AddressQuery))

  function change(changes: Partial<ViewState>): void {
    const query = toQuery({ ...state.value, ...changes })
    if (hasView(query)) localStorage.setItem(name(), JSON.stringify(query))
    else localStorage.removeItem(name())
    void router.replace({ query: { ...otherQuery(route.query as AddressQuery), ...query } })
  }

  // An address without a view shows the project as it was left.
  watch(
    [() => toValue(projectId), () => route.query],
    ([id, query]) => {
      if (!id || !isHere() || hasView(query as AddressQuery)) return
      const stored = read(name())
      if (stored) void router.replace({ query: { ...query, ...stored } })
    },
    { immediate: true },
  )

  return { state, change }
}

function read(name: string): AddressQuery | undefined {
  try {
    const query = JSON.parse(localStorage.getItem(name) ?? 'null') as AddressQuery | null
    return query ? toQuery(fromQuery(query)) : undefined
  } catch {
    return undefined
  }
}
