import { computed } from 'vue'
import { type Group, titleIn } from './grouping'
import { isHidden } from './notification'
import { useTask } from '@/tasks/lists'
import { t } from '@/text'

/** Returns the title of the task that the notifications are about. It is read if none of them says it. */
export function useGroupTitle(group: () => Group) {
  const said = computed(() => titleIn(group()))
  const { data: task } = useTask(() => (said.value || isHidden(group().newest) ? '' : (group().taskId ?? '')))
  return computed(() => {
    const { kind, task_key, body } = group().newest
    if (kind === 'report_ready') return t('inbox-a-report')
    if (kind === 'added_to_project') return body || t('inbox-a-project')
    return task.value?.title ?? said.value ?? task_key ?? t('inbox-a-task')
  })
}
