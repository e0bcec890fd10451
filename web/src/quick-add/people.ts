import { useQueries } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import type { Member } from '@/api/types'
import { membersQuery } from '@/projects/projects'

export interface Person {
  id: string
  name: string
  email: string
}

const canWork = ({ active, role }: Member) => active && role !== 'viewer'

/** Reads who can be asked to do tasks, of several projects. Returns a function that gives those of one. */
export function usePeopleOf(projectIds: MaybeRefOrGetter<readonly string[]>) {
  const ids = computed(() => [...new Set(toValue(projectIds))])
  const results = useQueries({ queries: computed(() => ids.value.map((id) => membersQuery(id))) })
  return (projectId: string | undefined): Person[] => {
    const members = results.value[ids.value.indexOf(projectId ?? '')]?.data ?? []
    return members.filter(canWork).map(({ user_id, name, email }) => ({ id: user_id, name, email }))
  }
}
