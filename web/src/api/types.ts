/** The API's resources, under short names. */

import type { components } from './schema'

type Schemas = components['schemas']

export type Task = Schemas['Task']
export type TaskChanges = Schemas['TaskChanges']
export type NewTask = Schemas['NewTask']
export type Status = Schemas['Status']
export type Priority = Schemas['Priority']
export type Recurrence = Schemas['Recurrence']
export type Comment = Schemas['Comment']
export type Activity = Schemas['Activity']
export type Project = Schemas['Project']
export type ListedProject = Schemas['ListedProject']
export type Member = Schemas['Member']
export type ProjectRole = Schemas['ProjectRole']
export type Role = Schemas['Role']
export type User = Schemas['User']
export type Session = Schemas['Session']
export type Notification = Schemas['Notification']
export type NotificationKind = Schemas['NotificationKind']
export type Reason = Schemas['Reason']
export type Preferences = Schemas['Preferences']
export type Feed = Schemas['Feed']
export type FeedItem = Schemas['FeedItem']
export type FeedEvent = Schemas['FeedEvent']
export type Report = Schemas['Report']
export type ReportSubscription = Schemas['ReportSubscription']
export type LabelCount = Schemas['LabelCount']

export interface Page<T> {
  items: T[]
  next_cursor?: string | null
}

export const STATUSES: readonly Status[] = ['todo', 'in_progress', 'done', 'cancelled']
export const PRIORITIES: readonly Priority[] = ['low', 'medium', 'high', 'urgent']

/** Whether work on the task is left. */
export const isOpen = (task: Pick<Task, 'status'>): boolean => task.status === 'todo' || task.status === 'in_progress'
