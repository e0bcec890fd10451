/** Moving between cards, and moving cards, by keys. */

import type { Ref } from 'vue'
import { type Board, type ShownColumn, moveFocused } from './board'
import type { Column } from './columns'
import type { Task } from '@/api/types'
import { useShortcuts } from '@/keys/keys'
import { useOpenTask } from '@/tasks/open'

type Step = 'up' | 'down' | 'back' | 'forward'

interface Focused {
  task: Task
  index: number
  shown: ShownColumn
}

export function useBoardKeys(board: Board, columns: () => readonly Column[], canMove: () => boolean, root: Ref<HTMLElement | null>) {
  const { open } = useOpenTask()
  const inOrder = (): ShownColumn[] =>
    columns().flatMap(({ id }) => {
      const shown = board.columns.get(id)
      return shown ? [shown] : []
    })

  /** Returns the card with the focus. */
  function focused(): Focused | undefined {
    for (const shown of board.columns.values()) {
      const index = shown.focused()
      const task = shown.tasks()[index]
      if (task) return { task, index, shown }
    }
    return undefined
  }

  function go(step: Step): void {
    const now = focused()
    const all = inOrder()
    if (!now) return all.find(({ tasks }) => tasks().length)?.focus(0)
    if (step === 'up' || step === 'down') {
      const to = now.index + (step === 'down' ? 1 : -1)
      if (to >= 0 && to < now.shown.tasks().length) now.shown.focus(to)
      return
    }
    const at = all.indexOf(now.shown)
    const beside = step === 'forward' ? all.slice(at + 1) : all.slice(0, at).toReversed()
    const target = beside.find(({ tasks }) => tasks().length)
    target?.focus(Math.min(now.index, target.tasks().length - 1))
  }

  function move(step: Step): void {
    const now = focused()
    if (!now || !canMove()) return
    const from = now.shown.column().id
    if (step === 'up' || step === 'down') {
      const index = now.index + (step === 'down' ? 1 : -1)
      if (index < 0 || index >= now.shown.tasks().length) return
      void moveFocused(board, now.task, from, { column: from, index, beside: step === 'down' ? 'after' : 'before' })
      return
    }
    const all = inOrder()
    const target = all[all.indexOf(now.shown) + (step === 'forward' ? 1 : -1)]
    if (!target) return
    const index = Math.min(now.index, target.tasks().length)
    void moveFocused(board, now.task, from, { column: target.column().id, index, beside: 'before' })
  }

  function onKey(event: KeyboardEvent): void {
    const isCard = event.target instanceof HTMLElement && event.target.matches('[data-row]')
    if (!isCard || event.ctrlKey || event.metaKey || event.altKey) return
    const turned = root.value && getComputedStyle(root.value).direction === 'rtl'
    const steps: Record<string, Step> = {
      ArrowUp: 'up',
      ArrowDown: 'down',
      ArrowLeft: turned ? 'forward' : 'back',
      ArrowRight: turned ? 'back' : 'forward',
    }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    if (event.shiftKey) move(step)
    else go(step)
  }

  const group = 'projects-keys-board'
  const ofFocused = (run: (now: Focused) => void) => () => {
    const now = focused()
    if (now) run(now)
  }
  useShortcuts([
    { keys: 'j', text: 'projects-key-down', group, run: () => go('down') },
    { keys: 'k', text: 'projects-key-up', group, run: () => go('up') },
    { keys: 'o', text: 'projects-key-open', group, run: ofFocused(({ task }) => open(task)) },
    {
      keys: 'm',
      text: 'projects-key-move',
      group,
      run: ofFocused(({ task, shown }) => {
        const anchor = document.activeElement
        if (canMove() && anchor instanceof HTMLElement) board.choose(task, shown.column(), anchor)
      }),
    },
    // Listed with the others, and handled by the cards.
    { keys: 'shift+arrowright', text: 'projects-key-shift', group, run: () => move('forward') },
  ])

  return { onKey, focused }
}
