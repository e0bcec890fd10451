/** Changes the day on which a task is due. */

import type { CalendarDate } from '@internationalized/date'
import { dayName } from './days'
import { onDay } from './weeks'
import type { Task } from '@/api/types'
import { findTask } from '@/cache/tasks'
import { offerUndo } from '@/changes/undo'
import { timeZone } from '@/session/session'
import { updateTask } from '@/tasks/actions'
import { knownRole, rightsOf } from '@/tasks/rights'
import { t } from '@/text'
import { dayOf } from '@/text/dates'

/** Whether the person may move the task. */
export const canMove = (task: Task): boolean => rightsOf(task, knownRole(task.project_id)).change

/** Moves a task to a day at the time that it has; without a day it has no date. Says so, and offers to undo it. */
export function moveTo(task: Task, day: CalendarDate | null): void {
  const known = findTask(task.id) ?? task
  if (!canMove(known)) return
  const before = known.due_at ?? null
  if (day ? before && dayOf(before).compare(day) === 0 : !before) return
  const due_at = day && onDay(before, day, timeZone.value)
  updateTask(known, { due_at }, { undoable: false })
  const name = known.key || known.title
  offerUndo({
    text: day ? t('calendar-moved', { task: name, day: dayName(day) }) : t('calendar-moved-away', { task: name }),
    undo: () => updateTask(findTask(task.id) ?? known, { due_at: before }, { undoable: false }),
  })
}
