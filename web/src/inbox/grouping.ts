import type { Notification } from './notification'

/** The notifications about one task. Those about something else are alone. */
export interface Group {
  /** The id of the task, or else of the notification. */
  id: string
  taskId?: string
  /** Newest first. */
  items: Notification[]
  newest: Notification
  /** How many are unread. */
  unread: number
}

/** Groups notifications by task: the group with the newest one first. They come newest first, as the API lists them. */
export function grouped(notifications: readonly Notification[]): Group[] {
  const groups = new Map<string, Group>()
  for (const notification of notifications) {
    const taskId = notification.task_id ?? undefined
    const id = taskId ?? notification.id
    const group = groups.get(id)
    if (group) group.items.push(notification)
    else groups.set(id, { id, taskId, items: [notification], newest: notification, unread: 0 })
    if (!notification.read_at) groups.get(id)!.unread += 1
  }
  return [...groups.values()]
}

/** The kinds whose text is the beginning of a comment: all others have the title of the task. */
const WITH_COMMENT = new Set<string>(['task_commented', 'mentioned'])

/** Returns the title of the task, if one of the notifications says it. */
export function titleIn(group: Group): string | undefined {
  return group.items.find((item) => item.body && !WITH_COMMENT.has(item.kind))?.body
}
