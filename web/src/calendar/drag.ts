/** Dragging tasks to days. Each drop target says which day it is, or that it is none. */

import type { CalendarDate } from '@internationalized/date'
import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine'
import { draggable, dropTargetForElements, monitorForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter'
import { autoScrollForElements } from '@atlaskit/pragmatic-drag-and-drop-auto-scroll/element'
import { type Ref, shallowRef, watchEffect } from 'vue'
import { canMove, moveTo } from './move'
import type { Task } from '@/api/types'

const TASK = Symbol('calendar-task')
type Data = Record<string | symbol, unknown>
const taskIn = (data: Data): Task | undefined => data[TASK] as Task | undefined

/** Lets a task be dragged by its element. */
export function useDraggableTask(element: Ref<HTMLElement | null>, task: () => Task) {
  const isDragged = shallowRef(false)
  watchEffect((onCleanup) => {
    if (!element.value) return
    onCleanup(
      draggable({
        element: element.value,
        canDrag: () => canMove(task()),
        getInitialData: () => ({ [TASK]: task() }),
        onDragStart: () => (isDragged.value = true),
        onDrop: () => (isDragged.value = false),
      }),
    )
  })
  return isDragged
}

/** Lets tasks be dropped on an element. Returns whether one is over it. */
export function useDropDay(element: Ref<HTMLElement | null>, day: () => CalendarDate | null) {
  const isOver = shallowRef(false)
  watchEffect((onCleanup) => {
    if (!element.value) return
    onCleanup(
      dropTargetForElements({
        element: element.value,
        canDrop: ({ source }) => Boolean(taskIn(source.data)),
        getData: () => ({ day: day() }),
        onDragEnter: () => (isOver.value = true),
        onDragLeave: () => (isOver.value = false),
        onDrop: () => (isOver.value = false),
      }),
    )
  })
  return isOver
}

/** Moves tasks that are dropped on a day, and scrolls while one is near the edge. */
export function useCalendarDrag(scroller: Ref<HTMLElement | null>): void {
  watchEffect((onCleanup) => {
    if (!scroller.value) return
    onCleanup(
      combine(
        autoScrollForElements({ element: scroller.value, canScroll: ({ source }) => Boolean(taskIn(source.data)) }),
        monitorForElements({
          canMonitor: ({ source }) => Boolean(taskIn(source.data)),
          onDrop({ source, location }) {
            const [target] = location.current.dropTargets
            const task = taskIn(source.data)
            if (target && task) moveTo(task, target.data.day as CalendarDate | null)
          },
        }),
      ),
    )
  })
}
