import { computed, shallowRef, watch } from 'vue'
import { useRoute } from 'vue-router'
import type { PlannedTask } from './create'
import { splitLines } from './lines'
import { type Context, type Parsed, type Part, parse, plainKey } from './parse'
import { type Person, usePeopleOf } from './people'
import type { QuickAddDefaults } from './state'
import type { NewTask } from '@/api/types'
import { personalProject, useProject, useProjects } from '@/projects/projects'
import { me, timeZone } from '@/session/session'
import { knownRole } from '@/tasks/rights'
import { language } from '@/text'
import { useDraft } from '@/ui/draft'

export const LONGEST_TITLE = 200
export const MOST_TASKS = 200

export interface ReadLine extends Parsed {
  parent: number
  depth: number
}

/** A value that the task gets although it is not written: from the place where it was asked for. */
export type Given = keyof Pick<NewTask, 'status' | 'priority' | 'assignee_id' | 'labels' | 'due_at'>

interface Draft {
  text: string
  /** What was recognised and given back to the title. */
  plain: string[]
}

/** Reads what is written in the dialog as tasks. */
export function useNewTasks(defaults: QuickAddDefaults) {
  const route = useRoute()
  const stored = useDraft(() => 'new-task')
  const draft = computed<Draft>({
    get: () => (stored.value ? (JSON.parse(stored.value) as Draft) : { text: '', plain: [] }),
    set: ({ text, plain }) => {
      // What is written anew is recognised again.
      const kept = plain.filter((key) => text.toLowerCase().includes(key.slice(key.indexOf(':') + 1)))
      stored.value = text ? JSON.stringify({ text, plain: kept }) : ''
    },
  })
  const text = computed({ get: () => draft.value.text, set: (next) => (draft.value = { ...draft.value, text: next }) })

  const { projects } = useProjects()
  const { project: routeProject } = useProject(() => String(route.params.project ?? ''))
  const chosenProject = shallowRef(defaults.project_id ?? undefined)
  const startProject = computed(() => chosenProject.value ?? routeProject.value?.id ?? personalProject()?.id)

  const written = computed(() => splitLines(text.value, defaults.parent_id ? 1 : 0))
  const context = computed<Context>(() => ({
    now: new Date(),
    timeZone: timeZone.value,
    language: language.value,
    me: me.value?.id,
    people: [],
    // A subtask is in the project of its parent.
    projects: defaults.parent_id ? [] : projects.value,
    plain: new Set(draft.value.plain),
  }))
  /** The project of each line, which says who is meant by a name. */
  const projectOf = computed(() => {
    const found: (string | undefined)[] = []
    for (const line of written.value) {
      const own = line.parent < 0 ? parse(line.text, context.value).project_id : found[line.parent]
      found.push(own ?? startProject.value)
    }
    return found
  })
  const projectId = computed({
    get: () => (written.value.length === 1 ? projectOf.value[0] : startProject.value),
    set: (id) => (chosenProject.value = id),
  })
  /** Whether the text names the project. */
  const isProjectWritten = computed(() => written.value.length === 1 && projectId.value !== startProject.value)

  const peopleOf = usePeopleOf(() => [startProject.value, ...projectOf.value].filter((id) => id !== undefined))
  const people = computed<Person[]>(() => peopleOf(projectId.value))
  const lines = computed<ReadLine[]>(() =>
    written.value.map(({ text: line, parent, depth }, index) => {
      const here = { ...context.value, people: peopleOf(projectOf.value[index]) }
      return { ...parse(line, parent < 0 ? here : { ...here, projects: [] }), parent, depth }
    }),
  )

  const refused = shallowRef<ReadonlySet<Given>>(new Set())
  /** What the tasks get beside what is written. */
  const given = computed<Partial<Pick<NewTask, Given>>>(() => {
    const { status, priority, labels, due_at } = defaults
    // Tasks of one's own are shown under "My work".
    const isOwn = projects.value.find(({ id }) => id === projectId.value)?.personal
    const assignee_id = defaults.assignee_id ?? (isOwn && !defaults.parent_id ? me.value?.id : undefined)
    const all = { status, priority, assignee_id, labels, due_at }
    const line = lines.value.length === 1 ? lines.value[0] : undefined
    return Object.fromEntries(
      Object.entries(all).filter(([field, value]) => {
        const isWritten = field !== 'labels' && line?.[field as keyof Parsed] !== undefined
        return value && !isWritten && !refused.value.has(field as Given)
      }),
    )
  })
  const refuse = (field: Given) => (refused.value = new Set([...refused.value, field]))
  // Another project has other people.
  watch(projectId, (_id, former) => former && defaults.assignee_id && refuse('assignee_id'))

  const planned = computed<PlannedTask[]>(() =>
    lines.value.slice(0, MOST_TASKS).map((line, index) => {
      const { title, parent, due_at, priority, assignee_id } = line
      const labels = [...new Set([...(given.value.labels ?? []), ...line.labels])]
      const extra = parent < 0 ? given.value : {}
      const body: NewTask = {
        ...extra,
        title,
        project_id: projectOf.value[index],
        ...(defaults.parent_id && { parent_id: defaults.parent_id }),
        ...(due_at && { due_at }),
        ...(priority && { priority }),
        ...(assignee_id && { assignee_id }),
        ...(labels.length && { labels: parent < 0 ? labels : line.labels }),
      }
      return { body: { ...body, project_id: projectOf.value[index]! }, parent }
    }),
  )
  const fault = computed<'long' | 'many' | 'viewer' | undefined>(() => {
    if (projectOf.value.some((id) => id && knownRole(id) === 'viewer')) return 'viewer'
    if (lines.value.length > MOST_TASKS) return 'many'
    return lines.value.some(({ title }) => [...title].length > LONGEST_TITLE) ? 'long' : undefined
  })
  const canCreate = computed(() => planned.value.length > 0 && !fault.value && Boolean(projectId.value))

  /** Makes a recognised part plain text again. */
  function giveBack(part: Part): void {
    draft.value = { ...draft.value, plain: [...draft.value.plain, plainKey(part)] }
  }

  return { text, lines, planned, projectId, isProjectWritten, people, given, refuse, giveBack, fault, canCreate }
}
