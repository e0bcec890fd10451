/** The groups of a list, and the columns of a board. */

import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { useLabels, useMembers } from './projects'
import { type Group, type ViewState, queryOf, shownStatuses } from './view-state'
import { type Priority, PRIORITIES, type Status } from '@/api/types'
import { nameOf } from '@/people/names'
import type { QuickAddDefaults } from '@/quick-add/state'
import { me } from '@/session/session'
import type { TaskQuery } from '@/tasks/query'
import { t } from '@/text'

export interface Column {
  /** A status, a priority, a label, the id of a person, or `none`. */
  id: string
  title: string
  by: Group
  query: TaskQuery
}

/** As many labels get a column: the most frequent ones. */
const MOST_LABELS = 20

/** Returns the groups of the view, in order. `undefined` while they are not known. */
export function useColumns(projectId: MaybeRefOrGetter<string | undefined>, state: MaybeRefOrGetter<ViewState>) {
  const by = computed(() => toValue(state).group)
  const { data: members } = useMembers(projectId)
  const { data: labels } = useLabels(projectId)

  const people = computed(() => {
    const wanted = toValue(state).assignee.map((id) => (id === 'me' ? (me.value?.id ?? '') : id))
    const known = members.value
      ?.filter(({ role, active }) => role !== 'viewer' && active)
      .map(({ user_id, name }) => ({ id: user_id, title: name }))
      .toSorted((a, b) => Number(b.id === me.value?.id) - Number(a.id === me.value?.id) || a.title.localeCompare(b.title))
    const all = known && [{ id: 'none', title: t('assignee-none') }, ...known]
    return wanted.length ? all?.filter(({ id }) => wanted.includes(id)) : all
  })
  const words = computed(() => {
    const wanted = toValue(state).label
    if (wanted.length) return wanted.map((label) => ({ id: label, title: label }))
    return labels.value?.slice(0, MOST_LABELS).map(({ label }) => ({ id: label, title: label }))
  })
  const groups = computed(() => {
    switch (by.value) {
      case 'status':
        return shownStatuses(toValue(state)).map((status) => ({ id: status, title: t(`status-${status}`) }))
      case 'priority': {
        const wanted = toValue(state).priority
        return PRIORITIES.filter((priority) => !wanted.length || wanted.includes(priority))
          .toReversed()
          .map((priority) => ({ id: priority, title: t(`priority-${priority}`) }))
      }
      case 'assignee':
        return people.value
      case 'label':
        return words.value
      case 'none':
        return [{ id: 'none', title: '' }]
    }
  })

  return computed<Column[] | undefined>(() => {
    const id = toValue(projectId)
    if (!id) return undefined
    return groups.value?.map((group) => ({
      ...group,
      by: by.value,
      query: queryOf(toValue(state), id, { by: by.value, id: group.id }),
    }))
  })
}

/** Returns what a task begins with that is added to a column. */
export function defaultsOf({ by, id }: Column): QuickAddDefaults {
  switch (by) {
    case 'status':
      return { status: id as Status }
    case 'priority':
      return { priority: id as Priority }
    case 'assignee':
      return { assignee_id: id === 'none' ? null : id }
    case 'label':
      return { labels: [id] }
    case 'none':
      return {}
  }
}

/** Returns the name of a value of a filter. */
export const personText = (id: string): string =>
  id === 'none' ? t('assignee-none') : id === 'me' ? t('projects-me') : nameOf(id)
