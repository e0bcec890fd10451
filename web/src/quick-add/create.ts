import type { NewTask, Task } from '@/api/types'
import { hideTask } from '@/cache/tasks'
import { enqueue } from '@/changes/queue'
import { createdTask } from '@/changes/result'
import { offerUndo } from '@/changes/undo'
import { createTask } from '@/tasks/actions'
import { t } from '@/text'
import { showToast } from '@/ui/toasts'

export interface PlannedTask {
  body: NewTask & { project_id: string }
  /** Which of the planned tasks it is a subtask of, or -1. */
  parent: number
}

const WAIT_MS = 100
const LONGEST_WAIT_MS = 3_000

/** Creates tasks, parents first, and offers to open and to delete what was created. */
export function createTasks(planned: readonly PlannedTask[], open: (task: Task) => void): void {
  const created: Task[] = []
  for (const { body, parent } of planned) {
    const above = created[parent]
    const complete = above ? { ...body, project_id: above.project_id, parent_id: above.id } : body
    created.push(createTask(complete, complete))
  }
  const [first] = created
  if (!first) return
  offerUndo({
    text: created.length === 1 ? t('quick-add-created', { title: first.title }) : t('quick-add-created-many', { count: created.length }),
    link: { text: t('quick-add-open'), run: () => void openCreated(first, open) },
    // Subtasks first: with their parent they would be gone already.
    undo: () => created.toReversed().forEach(remove),
  })
}

function remove({ id, title }: Task): void {
  const task = createdTask(id)
  hideTask(task?.id ?? id)
  void enqueue({ kind: 'delete-task', taskId: task?.id ?? id, title })
}

/** Opens a task when the server has it. */
async function openCreated({ id }: Task, open: (task: Task) => void): Promise<void> {
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += WAIT_MS) {
    const task = createdTask(id)
    if (task) return open(task)
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
  showToast({ text: t('quick-add-not-saved-yet') })
}
