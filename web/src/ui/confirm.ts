import { shallowRef } from 'vue'

export interface Question {
  title: string
  text?: string
  /** The label of the button that goes on. */
  action: string
  danger?: boolean
  /** The label of a button that goes on in another way. */
  otherwise?: string
}

export type Choice = 'action' | 'otherwise' | 'cancel'

/** The question that is asked now. */
export const question = shallowRef<(Question & { answer: (choice: Choice) => void }) | null>(null)

/** Asks the person before something that cannot be undone. Returns whether to go on. */
export const confirm = async (asked: Question): Promise<boolean> => (await choose(asked)) === 'action'

/** Asks the person how to go on. */
export function choose(asked: Question): Promise<Choice> {
  return new Promise((resolve) => {
    question.value = {
      ...asked,
      answer(choice) {
        question.value = null
        resolve(choice)
      },
    }
  })
}
