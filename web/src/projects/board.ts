/** What the parts of a board share: its columns, and moving cards between them. */

import { announce } from '@atlaskit/pragmatic-drag-and-drop-live-region'
import { type InjectionKey, inject, nextTick, provide, shallowReactive, shallowRef } from 'vue'
import { changesBetween, placeAt, sentId } from './board-order'
import type { Column } from './columns'
import type { Task, TaskChanges } from '@/api/types'
import { findTask } from '@/cache/tasks'
import { isUnsent } from '@/changes/change'
import { offerUndo } from '@/changes/undo'
import { placeTask, updateTask } from '@/tasks/actions'
import { t } from '@/text'

/** A column that is shown. */
export interface ShownColumn {
  column: () => Column
  tasks: () => readonly Task[]
  /** Returns the number of the card with the focus, or -1. */
  focused: () => number
  focus: (index: number) => void
}

export interface Board {
  /** By the id of the column. */
  columns: Map<string, ShownColumn>
  /** The card that keeps the focus while it moves. */
  following: { value: string | undefined }
  /** Opens the menu in which a column is chosen. */
  choose: (task: Task, from: Column, anchor: HTMLElement) => void
}

/** The place of a card. */
export interface Spot {
  column: string
  /** Counted without the card that moves. */
  index: number
  /** The neighbour that the person aimed at. */
  beside: 'before' | 'after'
}

const KEY: InjectionKey<Board> = Symbol('board')

export function provideBoard(choose: Board['choose']): Board {
  const board: Board = { columns: shallowReactive(new Map()), following: shallowRef(), choose }
  provide(KEY, board)
  return board
}

export function useBoard(): Board {
  const board = inject(KEY)
  if (!board) throw new Error('there is no board around this component')
  return board
}

/** Moves a card. It shows at once, is said to screen readers, and can be undone. Returns whether anything changed. */
export function moveCard(board: Board, shown: Task, from: string, to: Spot): boolean {
  const source = board.columns.get(from)
  const target = board.columns.get(to.column)
  if (!source || !target || isUnsent(shown.id)) return false
  const column = target.column()
  const task = findTask(shown.id) ?? shown
  const changes = from === to.column ? {} : changesBetween(column.by, task, from, to.column)
  const place = placeAt(target.tasks(), task, to.index, to.beside)
  if (from === to.column && !place) return false

  const back = backOf(source, task)
  updateTask(task, changes, { undoable: false })
  if (place) placeTask(findTask(task.id) ?? { ...task }, place, place.rank)

  const values = { task: task.key, column: column.title, place: to.index + 1, count: target.tasks().length }
  announce(t(from === to.column ? 'projects-card-placed' : 'projects-card-moved-to', values))
  offerUndo({
    text: t(from === to.column ? 'projects-card-ordered' : 'projects-card-moved', values),
    undo: () => back(task, changes),
  })
  return true
}

/** Returns what puts a card back to where it stands now. */
function backOf(source: ShownColumn, task: Task): (task: Task, changes: TaskChanges) => void {
  const tasks = source.tasks()
  const at = tasks.findIndex(({ id }) => id === task.id)
  const [before, after] = [tasks[at + 1], tasks[at - 1]]
  const place = sentId(after) ? { before: null, after: sentId(after) } : { before: sentId(before), after: null }
  return (moved, changes) => {
    const former = Object.fromEntries(
      Object.keys(changes).map((field) => [field, (task as unknown as Record<string, unknown>)[field] ?? null]),
    ) as TaskChanges
    updateTask(findTask(moved.id) ?? moved, former, { undoable: false })
    if (place.before || place.after) placeTask(findTask(moved.id) ?? moved, place, task.rank)
  }
}

/** Moves a card by keys or from a menu, and keeps the focus on it. */
export async function moveFocused(board: Board, task: Task, from: string, to: Spot): Promise<void> {
  board.following.value = task.id
  try {
    if (!moveCard(board, task, from, to)) return
    await nextTick()
    const target = board.columns.get(to.column)
    const at = target?.tasks().findIndex(({ id }) => id === task.id) ?? -1
    if (at >= 0) target?.focus(at)
  } finally {
    // The columns have given the focus away by now.
    setTimeout(() => (board.following.value = undefined), 100)
  }
}
