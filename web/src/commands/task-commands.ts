import { CalendarDays, CircleCheck, CircleDot, Link, RotateCcw, Signal, UserRound } from 'lucide'
import { computed } from 'vue'
import { useRoute } from 'vue-router'
import type { Command } from './registry'
import { PRIORITIES, STATUSES, type Task, type TaskChanges, isOpen } from '@/api/types'
import { findTask } from '@/cache/tasks'
import { useMembers } from '@/projects/projects'
import { me } from '@/session/session'
import { toggleDone, updateTask } from '@/tasks/actions'
import { useTask } from '@/tasks/lists'
import { useOpenTask } from '@/tasks/open'
import { knownRole, rightsOf } from '@/tasks/rights'
import { t } from '@/text'
import { instant, shortDay, todayHere } from '@/text/dates'
import { showToast } from '@/ui/toasts'

/** Returns the commands for the task that is open: beside a list, or on its own page. */
export function useTaskCommands(): () => Command[] {
  const route = useRoute()
  const { openRef } = useOpenTask()
  const ref = computed(() => openRef.value ?? String(route.params.task ?? ''))
  const { data: task } = useTask(ref)
  const { data: members } = useMembers(() => task.value?.project_id)
  const group = 'commands-task'

  const people = (known: Task): Command[] => {
    const able = (members.value ?? []).filter(({ active, role }) => active && role !== 'viewer')
    const mine = able.filter(({ user_id }) => user_id === me.value?.id)
    const others = able.filter(({ user_id }) => user_id !== me.value?.id).toSorted((a, b) => a.name.localeCompare(b.name))
    return [
      ...[...mine, ...others].map(({ user_id, name, email }) => ({
        id: `assign:${user_id}`,
        text: name,
        group: 'assignee',
        person: user_id,
        hint: user_id === me.value?.id ? t('you') : undefined,
        words: email,
        run: () => change(known, { assignee_id: user_id }),
      })),
      { id: 'assign:none', text: t('assignee-none'), group: 'assignee', icon: UserRound, run: () => change(known, { assignee_id: null }) },
    ]
  }

  return () => {
    const known = task.value
    if (!known) return []
    const copy: Command = { id: 'task-link', text: t('copy-link'), group, icon: Link, hint: known.key, run: () => void copyLink(known) }
    if (!rightsOf(known, knownRole(known.project_id)).change) return [copy]
    const open = isOpen(known)
    return [
      {
        id: 'task-complete',
        text: t(open ? 'commands-complete' : 'commands-reopen'),
        group,
        icon: open ? CircleCheck : RotateCcw,
        hint: known.key,
        keys: 'd',
        run: () => toggleDone(findTask(known.id) ?? known),
      },
      { id: 'task-assign', text: t('commands-assign'), group, icon: UserRound, keys: 'a', choices: () => people(known) },
      { id: 'task-status', text: t('commands-status'), group, icon: CircleDot, keys: 's', choices: () => statuses(known) },
      { id: 'task-priority', text: t('commands-priority'), group, icon: Signal, keys: 'p', choices: () => priorities(known) },
      { id: 'task-due', text: t('commands-due'), group, icon: CalendarDays, keys: 't', choices: () => days(known) },
      copy,
    ]
  }
}

const change = (task: Task, changes: TaskChanges) => updateTask(findTask(task.id) ?? task, changes)

const statuses = (task: Task): Command[] =>
  STATUSES.map((status) => ({
    id: `status:${status}`,
    text: t(`status-${status}`),
    group: 'status',
    status,
    run: () => change(task, { status }),
  }))

const priorities = (task: Task): Command[] =>
  PRIORITIES.toReversed().map((priority) => ({
    id: `priority:${priority}`,
    text: t(`priority-${priority}`),
    group: 'priority',
    priority,
    run: () => change(task, { priority }),
  }))

function days(task: Task): Command[] {
  const today = todayHere()
  const week = Array.from({ length: 8 }, (_, later) => instant(today.add({ days: later })))
  return [
    ...week.map((due_at, later) => ({
      id: `due:${later}`,
      text: later === 7 ? t('commands-due-in-a-week') : shortDay(due_at),
      group: 'due',
      icon: CalendarDays,
      run: () => change(task, { due_at }),
    })),
    { id: 'due:none', text: t('due-none'), group: 'due', icon: CalendarDays, run: () => change(task, { due_at: null }) },
  ]
}

async function copyLink(task: Task): Promise<void> {
  await navigator.clipboard.writeText(`${location.origin}/tasks/${task.key}`)
  showToast({ text: t('link-copied') })
}
