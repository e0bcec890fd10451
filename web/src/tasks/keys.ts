/** The keys that act on a task: on the focused one of a list, or on the one that is open. */

import { type EffectScope, effectScope, onScopeDispose } from 'vue'
import { useShortcuts } from '@/keys/keys'

export type TaskAction = 'toggle-done' | 'status' | 'assignee' | 'priority' | 'labels' | 'due' | 'delete'

/** Something that shows tasks and acts on one of them. */
export interface TaskKeyTarget {
  contains: (element: Element | null) => boolean
  act: (action: TaskAction) => void
}

const KEYS: Record<string, TaskAction> = {
  d: 'toggle-done',
  s: 'status',
  a: 'assignee',
  p: 'priority',
  l: 'labels',
  t: 'due',
  delete: 'delete',
  backspace: 'delete',
}

const targets: TaskKeyTarget[] = []
let scope: EffectScope | undefined

function run(action: TaskAction): void {
  const focused = targets.findLast((target) => target.contains(document.activeElement))
  ;(focused ?? targets.at(-1))?.act(action)
}

/** Lets the keys act on this target while the component that calls this is mounted: the one with the focus, or the last one. */
export function useTaskKeys(target: TaskKeyTarget): void {
  targets.push(target)
  if (!scope) {
    scope = effectScope(true)
    scope.run(() =>
      useShortcuts(
        Object.entries(KEYS).map(([keys, action]) => ({
          keys,
          text: `tasks-key-${action}`,
          group: 'tasks-keys',
          run: () => run(action),
        })),
      ),
    )
  }
  onScopeDispose(() => {
    targets.splice(targets.indexOf(target), 1)
    if (targets.length) return
    scope?.stop()
    scope = undefined
  })
}
