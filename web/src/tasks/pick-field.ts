import { type InjectionKey, inject, provide } from 'vue'
import type { Task } from '@/api/types'

/** A field of a task that is chosen from a small window. */
export type PickedField = 'status' | 'assignee' | 'priority' | 'labels' | 'due'
type Pick = (task: Task, field: PickedField, anchor: HTMLElement) => void

const KEY: InjectionKey<Pick> = Symbol('pick-field')

/** Lets the rows inside this component open the window in which a field is chosen: one window for all rows. */
export const providePick = (pick: Pick): void => provide(KEY, pick)
export const usePick = (): Pick | undefined => inject(KEY, undefined)
