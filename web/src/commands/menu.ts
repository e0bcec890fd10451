import { computed, shallowRef, watch } from 'vue'
import { useActions } from './actions'
import { useFound } from './found'
import { recentCommands, rememberCommand } from './recent'
import { type Command, screenCommands } from './registry'
import { useTaskCommands } from './task-commands'
import { findTask } from '@/cache/tasks'
import { find } from '@/ui/pick'

export interface CommandGroup {
  /** The id of its heading. */
  title: string
  commands: Command[]
}

/** How many projects are listed before anything is typed. */
const MOST_PROJECTS = 8
/** Commands that would be wrong at the top: they are about what is open, or about words. */
const NOT_RECENT = /^(task-|search$|assign:|status:|priority:|due:|log-out)/

/** Returns the state of the command menu. `close` closes it before a command runs. */
export function useMenu(close: () => void) {
  const typed = shallowRef('')
  /** The command whose choices are shown. */
  const parent = shallowRef<Command>()
  const active = shallowRef(0)

  const actions = useActions()
  const taskCommands = useTaskCommands()
  const found = useFound(computed(() => (parent.value ? '' : typed.value)))
  const recent = recentCommands()

  const known = computed(() => [...taskCommands(), ...screenCommands(), ...actions()])
  const lastUsed = computed(() =>
    recent
      .map((id) => {
        const task = id.startsWith('task:') ? findTask(id.slice(5)) : undefined
        return task ? found.commandOf(task) : known.value.find((command) => command.id === id)
      })
      .filter((command) => command !== undefined)
      .map((command) => ({ ...command, group: 'commands-recent' })),
  )
  const shown = computed<Command[]>(() => {
    if (parent.value?.choices) return matching(parent.value.choices())
    if (typed.value.trim()) return [...matching(known.value), ...found.commands.value]
    const isRecent = new Set(lastUsed.value.map(({ id }) => id))
    const rest = known.value.filter(({ id }) => !isRecent.has(id))
    const [mine, others] = [taskCommands().length, MOST_PROJECTS]
    let projects = 0
    const short = rest.filter(({ id }) => !id.startsWith('project:') || (projects += 1) <= others)
    // What can be done with the open task comes first.
    return mine ? [...short.slice(0, mine), ...lastUsed.value, ...short.slice(mine)] : [...lastUsed.value, ...short]
  })
  const groups = computed<CommandGroup[]>(() => {
    const result: CommandGroup[] = []
    for (const command of shown.value) {
      const same = result.find(({ title }) => title === command.group)
      if (same) same.commands.push(command)
      else result.push({ title: command.group, commands: [command] })
    }
    return result
  })
  /** All options in the order in which they are shown. */
  const options = computed(() => groups.value.flatMap(({ commands }) => commands))

  const matching = (commands: readonly Command[]) =>
    find(commands.map((command) => ({ ...command, value: command.id })), typed.value)

  watch([typed, parent], () => (active.value = 0))
  watch(options, ({ length }) => (active.value = Math.min(active.value, Math.max(0, length - 1))))

  function run(command: Command | undefined): void {
    if (!command) return
    if (command.choices) {
      parent.value = command
      typed.value = ''
      return
    }
    if (!NOT_RECENT.test(command.id)) rememberCommand(command.id)
    close()
    command.run?.()
  }

  function back(): void {
    parent.value = undefined
  }

  const move = (by: number) => (active.value = (active.value + by + options.value.length) % Math.max(1, options.value.length))

  return { typed, parent, active, groups, options, isSearching: found.isSearching, run, back, move }
}
