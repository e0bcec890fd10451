import { shallowRef } from 'vue'
import type { NewTask } from '@/api/types'

/** What a new task begins with: the project, column or parent where it was asked for. */
export type QuickAddDefaults = Partial<Pick<NewTask, 'project_id' | 'status' | 'priority' | 'assignee_id' | 'parent_id' | 'labels' | 'due_at'>>

/** Set while the dialog for a new task is open. */
export const quickAdd = shallowRef<QuickAddDefaults | null>(null)

/** Opens the dialog for a new task. */
export function openQuickAdd(defaults: QuickAddDefaults = {}): void {
  quickAdd.value = defaults
}
