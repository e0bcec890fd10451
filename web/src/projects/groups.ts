import { type EffectScope, type Ref, computed, effectScope, getCurrentInstance, onScopeDispose, shallowReactive, watch } from 'vue'
import type { Column } from './columns'
import { useTaskCount, useTaskList } from '@/tasks/lists'

/** Groups are read ahead until this many tasks are there. */
const AHEAD = 200

interface Group {
  scope: EffectScope
  list: ReturnType<typeof useTaskList>
  count: ReturnType<typeof useTaskCount>
}

/** Identifies a group by what it asks for. */
const nameOf = (column: Column): string => JSON.stringify(column.query)

/**
 * Reads the groups of a list one behind the other: each is a list of its own, and `more` continues with the first that is
 * not complete.
 */
export function useTaskGroups(columns: Readonly<Ref<readonly Column[] | undefined>>) {
  const app = getCurrentInstance()!.appContext.app
  const groups = shallowReactive(new Map<string, Group>())
  const ready = computed(() => (columns.value ?? []).map((column) => ({ column, group: groups.get(nameOf(column)) })))

  /** Whether a group is read: those before it are complete, or have few tasks. */
  function isWanted(name: string): boolean {
    let before = 0
    let complete = true
    for (const column of columns.value ?? []) {
      if (nameOf(column) === name) return complete || before < AHEAD
      const group = groups.get(nameOf(column))
      before += group?.count.data.value?.count ?? AHEAD
      if (!group?.list.data.value || group.list.hasNextPage.value) complete = false
    }
    return false
  }

  watch(
    columns,
    (wanted) => {
      const names = new Set((wanted ?? []).map(nameOf))
      for (const [name, { scope }] of groups) {
        if (names.has(name)) continue
        scope.stop()
        groups.delete(name)
      }
      for (const column of wanted ?? []) {
        const name = nameOf(column)
        if (groups.has(name)) continue
        const scope = effectScope(true)
        app.runWithContext(() =>
          scope.run(() => {
            const count = useTaskCount(countQuery(column))
            groups.set(name, { scope, count, list: useTaskList(column.query, () => isWanted(name)) })
          }),
        )
      }
    },
    { immediate: true },
  )
  onScopeDispose(() => groups.forEach(({ scope }) => scope.stop()))

  const isLoading = computed(() => !columns.value || ready.value.some(({ group }) => group?.list.isLoading.value))
  const error = computed(() => ready.value.map(({ group }) => group?.list.error.value).find(Boolean))
  const hasMore = computed(() => ready.value.some(({ group }) => !group?.list.data.value || group.list.hasNextPage.value))

  function more(): void {
    const next = ready.value.find(({ group }) => !group?.list.data.value || group.list.hasNextPage.value)?.group
    if (next?.list.hasNextPage.value && !next.list.isFetching.value) void next.list.fetchNextPage()
  }

  function retry(): void {
    for (const { group } of ready.value) if (group?.list.error.value) void group.list.refetch()
  }

  return { ready, isLoading, error, hasMore, more, retry }
}

/** The order does not matter for counting: all orders share one count. */
export const countQuery = ({ query }: Column) => ({ ...query, sort: undefined })

/** Returns how many tasks there are: exactly if all are loaded, or else as the server counts, up to 1,000. */
export function countText(list: Group['list'], count: Group['count']): string | undefined {
  if (list.data.value && !list.hasNextPage.value) return String(list.tasks.value.length)
  const counted = count.data.value
  return counted && `${counted.count}${counted.at_least ? '+' : ''}`
}
