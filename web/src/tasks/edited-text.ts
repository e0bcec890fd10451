/** A text of a task that is typed in its place and saved by itself. */

import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { updateTask } from './actions'
import type { Task } from '@/api/types'
import { findTask } from '@/cache/tasks'
import { offerUndo } from '@/changes/undo'
import { t } from '@/text'
import { useDraft } from '@/ui/draft'

const PAUSE_MS = 1_500

interface Draft {
  text: string
  /** What the field had when it was typed. */
  before: string
}

/**
 * Returns the text while it is typed. It is saved after a pause and when `leave` is called, and kept as a draft
 * meanwhile. A change by someone else does not replace what is typed: `theirs` has it.
 */
export function useEditedText(task: () => Task, field: 'title' | 'description') {
  const stored = () => task()[field]
  const kept = useDraft(() => `${field}.${task().id}`)
  const draft = computed<Draft | undefined>({
    get: () => (kept.value ? (JSON.parse(kept.value) as Draft) : undefined),
    set: (value) => (kept.value = value ? JSON.stringify(value) : ''),
  })
  const editing = shallowRef(false)
  const typed = shallowRef('')
  /** What the field had when the person began, and what they saved since. */
  let [began, saved] = ['', '']
  let timer: ReturnType<typeof setTimeout> | undefined
  const known = shallowRef('')

  const theirs = computed(() => {
    const now = stored()
    // The server leaves out blanks at the end.
    const isNew = [known.value, typed.value].every((text) => text.trim() !== now.trim())
    return editing.value && isNew ? now : undefined
  })

  function begin(): void {
    if (editing.value) return
    began = saved = stored()
    // Someone else may have changed it since the draft was typed.
    known.value = draft.value?.before ?? began
    typed.value = draft.value?.text ?? began
    editing.value = true
  }

  const clean = () => (field === 'title' ? typed.value.replaceAll(/\s+/g, ' ').trim() : typed.value)

  function save(): void {
    clearTimeout(timer)
    const text = clean()
    if (!editing.value || (field === 'title' && !text)) return
    if (text !== stored()) {
      saved = text
      known.value = text
      updateTask(findTask(task().id) ?? task(), { [field]: text }, { undoable: false })
    }
    draft.value = undefined
  }

  /** Ends the editing, and saves. */
  function leave(): void {
    if (!editing.value) return
    save()
    editing.value = false
    draft.value = undefined
    if (saved === began) return
    const [id, before] = [task().id, began]
    offerUndo({
      text: t('task-changed', { task: task().key || task().title }),
      undo: () => {
        const now = findTask(id)
        if (now) updateTask(now, { [field]: before }, { undoable: false })
      },
    })
  }

  /** Ends the editing, and goes back to what it began with. */
  function cancel(): void {
    typed.value = began
    leave()
  }

  /** Takes the text of the other person. */
  function takeTheirs(): void {
    typed.value = known.value = saved = stored()
    draft.value = undefined
  }

  const text = computed({
    get: () => (editing.value ? typed.value : stored()),
    set(value: string) {
      begin()
      typed.value = value
      draft.value = value === stored() ? undefined : { text: value, before: known.value }
      clearTimeout(timer)
      // What two people change at once is saved when the person is done, not in between.
      timer = setTimeout(() => theirs.value === undefined && save(), PAUSE_MS)
    },
  })

  // A draft of an earlier visit was not saved.
  watch(
    () => task().id,
    () => {
      if (draft.value && draft.value.text !== stored()) begin()
      else draft.value = undefined
    },
    { immediate: true },
  )
  // What someone else changed meanwhile is not replaced by going away: the draft is there the next time.
  onScopeDispose(() => theirs.value === undefined && leave())

  return { text, editing, theirs, begin, leave, cancel, takeTheirs }
}
