import { hasText, t } from '.'
import { Problem, Unreachable } from '@/api/problem'

/** Returns what went wrong and what to do, in the person's language. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Unreachable) return t('problem-unreachable')
  if (!(error instanceof Problem)) return t('problem-unknown')
  const id = `problem-${error.code.replaceAll('_', '-')}`
  if (error.code === 'validation_failed' && error.faults.length === 1) return error.faults[0]!.detail
  if (hasText(id)) return t(id, { seconds: error.retryAfter ?? 0 })
  return error.message || t('problem-unknown')
}

/** Returns the faults of a form by the name of the field: `/title` is `title`. */
export function faultsByField(error: unknown): Record<string, string> {
  if (!(error instanceof Problem)) return {}
  return Object.fromEntries(error.faults.map(({ pointer, detail }) => [pointer.slice(1), detail]))
}
