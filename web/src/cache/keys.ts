/** The keys under which the client stores what it has read: one place, so that changes find it. */

import type { TaskQuery } from '@/tasks/query'

export const keys = {
  /** A task by its id or key. */
  task: (ref: string) => ['task', ref] as const,
  anyTask: ['task'] as const,
  /** A list of tasks, page by page. */
  tasks: (query: TaskQuery) => ['tasks', query] as const,
  anyTasks: ['tasks'] as const,
  taskCount: (query: TaskQuery) => ['task-count', query] as const,
  anyTaskCount: ['task-count'] as const,
  anyComments: ['comments'] as const,
  comments: (taskId: string) => ['comments', taskId] as const,
  activity: (taskId: string) => ['activity', taskId] as const,
  projects: ['projects'] as const,
  deletedProjects: ['deleted-projects'] as const,
  project: (id: string) => ['project', id] as const,
  members: (projectId: string) => ['members', projectId] as const,
  anyLabels: ['labels'] as const,
  labels: (projectId?: string) => ['labels', projectId ?? 'all'] as const,
  user: (id: string) => ['user', id] as const,
  names: ['names'] as const,
  foundUsers: (query: object) => ['found-users', query] as const,
  users: (query: object) => ['users', query] as const,
  inbox: (state: string) => ['inbox', state] as const,
  anyInbox: ['inbox'] as const,
  preferences: ['preferences'] as const,
  sessions: ['sessions'] as const,
  reports: ['reports'] as const,
  subscriptions: ['report-subscriptions'] as const,
}
