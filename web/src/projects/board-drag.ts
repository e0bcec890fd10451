/** Dragging cards of a board, with the mouse and with a finger. */

import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import { extractClosestEdge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge'
import { type Ref, onBeforeUnmount, onMounted } from 'vue'
import { type Board, type Spot, moveCard } from './board'
import type { Column } from './columns'
import type { Task } from '@/api/types'

const CARD = Symbol('card')
const COLUMN = Symbol('column')

export type CardData = { [CARD]: true; task: Task; columnId: string }
type Data = Record<string | symbol, unknown>

export const cardData = (task: Task, column: Column): CardData => ({ [CARD]: true, task, columnId: column.id })
export const columnData = (column: Column) => ({ [COLUMN]: true, columnId: column.id })
export const isCard = (data: Data): data is Data & CardData => data[CARD] === true

/** Moves a card when it is dropped on the board, and scrolls the board while a card is near its edge. */
export function useBoardDrag(board: Board, scroller: Ref<HTMLElement | null>): void {
  let stop: (() => void) | undefined
  onMounted(() => {
    const element = scroller.value!
    stop = combine(
      autoScrollForElements({ element, canScroll: ({ source }) => isCard(source.data) }),
      monitorForElements({
        canMonitor: ({ source }) => isCard(source.data),
        onDrop({ source, location }) {
          const target = location.current.dropTargets[0]
          if (!target || !isCard(source.data)) return
          const spot = spotOf(board, source.data.task, target.data)
          if (spot) moveCard(board, source.data.task, source.data.columnId, spot)
        },
      }),
    )
  })
  onBeforeUnmount(() => stop?.())
}

/** Returns the place that a card was dropped at: beside another card, or at the end of a column. */
function spotOf(board: Board, task: Task, data: Data): Spot | undefined {
  const column = String(data.columnId)
  const others = board.columns.get(column)?.tasks().filter(({ id }) => id !== task.id)
  if (!others) return undefined
  if (!isCard(data)) return { column, index: others.length, beside: 'after' }
  // Dropped on itself: nothing changes.
  if (data.task.id === task.id) return undefined
  const at = others.findIndex(({ id }) => id === data.task.id)
  return extractClosestEdge(data) === 'top'
    ? { column, index: at, beside: 'before' }
    : { column, index: at + 1, beside: 'after' }
}
