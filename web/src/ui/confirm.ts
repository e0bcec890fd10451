import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  /** The label of the button that goes on. */
  action: string
  danger?: boolean
}

/** The question that is asked now. */
export const question = shallowRef<(Question & { answer: (yes: boolean) => void }) | null>(null)

/** Asks the person before something that cannot be undone. Returns whether to go on. */
export function confirm(asked: Question): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(yes) {
        question.value = null
        resolve(yes)
      },
    }
  })
}
