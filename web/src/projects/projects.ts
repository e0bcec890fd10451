/** Reads projects, their members and labels. */

import { useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { allPages, api, ask } from '@/api/client'
import type { ListedProject, Member } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { rememberNames } from '@/people/names'
import { isAdministrator, me } from '@/session/session'
import { t } from '@/text'

const MOST_WITH_COUNTS = 50

const readProjects = () =>
  allPages<ListedProject>((cursor) => {
    const query = { with: 'counts', limit: MOST_WITH_COUNTS, cursor } as object
    return ask(api.GET('/v1/projects', { params: { query } }))
  })

const projectsQuery = { queryKey: keys.projects, queryFn: readProjects }

/** Reads the projects of the person, the personal one first, then by name. Leaves out those of other people. */
export function useProjects() {
  const result = useQuery(projectsQuery)
  const projects = computed(() =>
    (result.data.value ?? [])
      .filter(({ personal, owner_id }) => !personal || owner_id === me.value?.id)
      .toSorted((a, b) => Number(b.personal) - Number(a.personal) || a.name.localeCompare(b.name)),
  )
  return { ...result, projects }
}

/** Reads the project with this key or id. `project` is `undefined` until it is known, and `null` if there is none. */
export function useProject(ref: MaybeRefOrGetter<string | undefined>) {
  const result = useQuery(projectsQuery)
  const project = computed(() => {
    const wanted = toValue(ref)
    const found = result.data.value?.find(({ id, key }) => id === wanted || key === wanted)
    return found ?? (result.data.value ? null : undefined)
  })
  return { ...result, project }
}

/** Returns a project that was read before. */
export const knownProject = (id: string | undefined): ListedProject | undefined =>
  queryClient.getQueryData<ListedProject[]>(keys.projects)?.find((project) => project.id === id)

/** Returns the personal project of the person, if it was read. */
export const personalProject = (): ListedProject | undefined =>
  queryClient.getQueryData<ListedProject[]>(keys.projects)?.find(({ personal, owner_id }) => personal && owner_id === me.value?.id)

/** Returns the name under which a project is shown. */
export const projectName = (project: Pick<ListedProject, 'name' | 'personal' | 'owner_id'>): string =>
  project.personal && project.owner_id === me.value?.id ? t('personal-project') : project.name

/** How the members of a project are read. */
export const membersQuery = (projectId: string) => ({
  queryKey: keys.members(projectId),
  enabled: Boolean(projectId),
  queryFn: async () => {
    const items = await allPages<Member>((cursor) => {
      const params = { path: { id: projectId }, query: { limit: 200, cursor } }
      return ask(api.GET('/v1/projects/{id}/members', { params }))
    })
    rememberNames(items.map(({ user_id, name }) => ({ id: user_id, name })))
    return items
  },
})

/** Reads the members of a project. */
export const useMembers = (projectId: MaybeRefOrGetter<string | undefined>) =>
  useQuery(computed(() => membersQuery(toValue(projectId) ?? '')))

/** Returns the person's role in a project: what the members say, and `manager` for owners and administrators. */
export function useMyRole(projectId: MaybeRefOrGetter<string | undefined>) {
  const { data } = useMembers(projectId)
  const { project } = useProject(projectId)
  return computed(() => {
    if (isAdministrator.value || project.value?.owner_id === me.value?.id) return 'manager'
    return data.value?.find(({ user_id }) => user_id === me.value?.id)?.role
  })
}

/** Reads the labels in use with their counts: of a project, or of all. */
export function useLabels(projectId: MaybeRefOrGetter<string | undefined>) {
  return useQuery({
    queryKey: computed(() => keys.labels(toValue(projectId))),
    queryFn: async () => {
      const query = { project_id: toValue(projectId) }
      return (await ask(api.GET('/v1/labels', { params: { query } }))).items
    },
  })
}
