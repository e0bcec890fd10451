import { shallowRef } from 'vue'
import { t } from '@/text'
import { type ToastAction, showToast } from '@/ui/toasts'

/** Something that a person did and can take back. */
export interface Undoable {
  /** What was done, as a sentence: "WEB-42 is done." */
  text: string
  undo: () => void
  /** Where the toast leads, beside taking it back. */
  link?: ToastAction
}

const DEPTH = 50
const done = shallowRef<Undoable[]>([])

/** Remembers what was done, and shows it with a button that takes it back. */
export function offerUndo(undoable: Undoable): void {
  done.value = [...done.value.slice(1 - DEPTH), undoable]
  showToast({ text: undoable.text, link: undoable.link, action: { text: t('undo'), run: () => take(undoable) } })
}

/** Takes the last thing back that was done. */
export function undoLast(): void {
  const last = done.value.at(-1)
  if (last) take(last)
  else showToast({ text: t('undo-nothing') })
}

function take(undoable: Undoable): void {
  if (!done.value.includes(undoable)) return
  done.value = done.value.filter((other) => other !== undoable)
  undoable.undo()
  showToast({ text: t('undone') })
}
