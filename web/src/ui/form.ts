import { type ShallowRef, nextTick, shallowRef } from 'vue'
import { Problem } from '@/api/problem'
import { language, t } from '@/text'
import { clock } from '@/text/dates'
import { faultsByField, sentenceOf } from '@/text/problems'

/**
 * Sends a form, and shows what the API says about it: at the fields with these names, or else above the button.
 *
 * The first field that is not valid gets the focus.
 */
export function useForm(form: Readonly<ShallowRef<HTMLFormElement | null>>, fields: readonly string[]) {
  const busy = shallowRef(false)
  const faults = shallowRef<Record<string, string>>({})
  const problem = shallowRef('')

  /** Sends the form once at a time. Returns whether it succeeded. `explain` returns the faults that an error stands for. */
  async function submit(send: () => Promise<unknown>, explain?: (error: unknown) => Record<string, string> | undefined): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    faults.value = {}
    problem.value = ''
    try {
      await send()
      return true
    } catch (error) {
      const found = Object.entries(explain?.(error) ?? faultsByField(error)).filter(([name]) => fields.includes(name))
      faults.value = Object.fromEntries(found)
      problem.value = found.length ? '' : sentenceWithTime(error)
      await nextTick()
      form.value?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, faults, problem, submit }
}

/** Returns what went wrong. Where one has to wait, it says how long and until when. */
function sentenceWithTime(error: unknown): string {
  if (!(error instanceof Problem) || error.status !== 429 || !error.retryAfter) return sentenceOf(error)
  const wait = durationOf(error.retryAfter)
  const at = clock(new Date(Date.now() + error.retryAfter * 1000).toISOString())
  return t(error.code === 'login_locked' ? 'form-locked' : 'form-rate-limited', { wait, at })
}

/** Returns a time to wait in words: "12 seconds", "15 minutes". */
export function durationOf(seconds: number, locale: string = language.value): string {
  const [count, unit] = seconds < 90 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)
}
