import { useQuery } from '@tanstack/vue-query'
import { Search } from 'lucide'
import { type Ref, computed, onScopeDispose, shallowRef, watch } from 'vue'
import { useRouter } from 'vue-router'
import type { Command } from './registry'
import { api, ask } from '@/api/client'
import { type Task, isOpen } from '@/api/types'
import { foundPeople } from '@/people/found'
import { useTask } from '@/tasks/lists'
import { useOpenTask } from '@/tasks/open'
import { t } from '@/text'

const PAUSE_MS = 120
const KEEP_MS = 30_000
const MOST_TASKS = 8
const MOST_PEOPLE = 5
/** As many words as the API takes. */
const MOST_WORDS = 8

/** Returns what the server finds for the words: tasks, people, and the task with this key. */
export function useFound(typed: Ref<string>) {
  const router = useRouter()
  const { open } = useOpenTask()
  /** The words, when the person pauses. */
  const words = shallowRef('')
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(typed, (next) => {
    clearTimeout(timer)
    timer = setTimeout(() => (words.value = next.trim().split(/\s+/).slice(0, MOST_WORDS).join(' ')), PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  const isLong = computed(() => words.value.length >= 2)

  // A request whose words are no longer wanted is aborted.
  const tasks = useQuery({
    queryKey: computed(() => ['found-tasks', words.value]),
    enabled: isLong,
    gcTime: KEEP_MS,
    queryFn: ({ signal }) =>
      ask(api.GET('/v1/tasks', { params: { query: { q: words.value, limit: MOST_TASKS } }, signal })).then(({ items }) => items),
  })
  const people = useQuery(
    computed(() => ({ ...foundPeople({ q: words.value, limit: MOST_PEOPLE }), enabled: isLong.value, gcTime: KEEP_MS })),
  )
  const key = computed(() => (/^[a-z][a-z0-9]*-\d+$/i.test(words.value) ? words.value.toUpperCase() : ''))
  const named = useTask(key)

  const commandOf = (task: Task): Command => ({
    id: `task:${task.id}`,
    text: task.title,
    group: 'commands-tasks',
    status: task.status,
    hint: task.key,
    run: () => open(task),
  })
  /** Nothing, while the words change. */
  const isCurrent = computed(() => isLong.value && typed.value.trim().length >= 2)
  const commands = computed<Command[]>(() => {
    if (!isCurrent.value) return []
    const task = key.value ? named.data.value : undefined
    const others = (tasks.data.value ?? [])
      .filter(({ id }) => id !== task?.id)
      .toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)))
    return [
      ...(task ? [commandOf(task)] : []),
      ...others.map(commandOf),
      ...(people.data.value ?? []).map(({ id, name, email }) => ({
        id: `person:${id}`,
        text: name,
        group: 'nav-people',
        person: id,
        hint: email,
        run: () => void router.push({ path: '/search', query: { assignee: id } }),
      })),
      {
        id: 'search',
        text: t('commands-search', { words: words.value }),
        group: 'search',
        icon: Search,
        run: () => void router.push({ path: '/search', query: { q: words.value } }),
      },
    ]
  })
  const isSearching = computed(() => tasks.isFetching.value || words.value !== typed.value.trim())
  return { commands, isSearching, commandOf }
}
