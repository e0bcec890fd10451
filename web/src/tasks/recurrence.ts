/** Repetition in words. The rule itself is an RRULE (RFC 5545), which the server reads. */

import type { Recurrence } from '@/api/types'
import { language, t } from '@/text'

/** The repetitions that are chosen by name. */
export const PRESETS = ['daily', 'weekdays', 'weekly', 'monthly', 'yearly'] as const
export type Preset = (typeof PRESETS)[number]

const RULES: Record<Preset, string> = {
  daily: 'FREQ=DAILY',
  weekdays: 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR',
  weekly: 'FREQ=WEEKLY',
  monthly: 'FREQ=MONTHLY',
  yearly: 'FREQ=YEARLY',
}

const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

export const ruleOf = (preset: Preset): string => RULES[preset]

function partsOf(rule: string): Map<string, string> {
  const parts = rule.toUpperCase().replace(/^RRULE:/, '').split(';')
  return new Map(
    parts.filter(Boolean).map((part) => {
      const [name = '', value = ''] = part.split('=')
      return [name.trim(), value.trim()]
    }),
  )
}

/** Returns the rule with its parts in one order, without what is the default. */
function normal(rule: string): string {
  const parts = [...partsOf(rule)].filter(([name, value]) => !(name === 'INTERVAL' && value === '1'))
  return parts.map(([name, value]) => `${name}=${value.split(',').toSorted().join(',')}`).toSorted().join(';')
}

/** Returns the name of the repetition, or `custom` if it has none. */
export function presetOf(rule: string): Preset | 'custom' {
  return PRESETS.find((preset) => normal(RULES[preset]) === normal(rule)) ?? 'custom'
}

/** Returns names of days, such as "Mon, Wed and Fri". */
function days(list: string): string | undefined {
  const format = new Intl.DateTimeFormat(language.value, { weekday: 'short', timeZone: 'UTC' })
  const names = list.split(',').map((day) => {
    const at = DAYS.indexOf(day)
    // The 1st of January 2024 was a Monday.
    return at < 0 ? undefined : format.format(Date.UTC(2024, 0, 1 + at))
  })
  if (names.some((name) => name === undefined)) return undefined
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(names as string[])
}

/** Returns the rule in words, and the rule itself if there are no words for it. */
export function ruleInWords(rule: string): string {
  const preset = presetOf(rule)
  if (preset !== 'custom') return t(`tasks-repeat-${preset}`)
  const parts = partsOf(rule)
  const unit = parts.get('FREQ')?.toLowerCase() ?? ''
  const count = Number(parts.get('INTERVAL') ?? 1)
  const others = [...parts.keys()].filter((name) => !['FREQ', 'INTERVAL', 'BYDAY', 'WKST'].includes(name))
  if (others.length || !['daily', 'weekly', 'monthly', 'yearly'].includes(unit)) return rule
  const byDay = parts.get('BYDAY')
  if (byDay) {
    const on = unit === 'weekly' ? days(byDay) : undefined
    if (!on) return rule
    return count > 1 ? t('tasks-repeat-every-on', { count, days: on }) : t('tasks-repeat-weekly-on', { days: on })
  }
  return count > 1 ? t('tasks-repeat-every', { unit, count }) : t(`tasks-repeat-${unit}`)
}

/** Returns the repetition in words. */
export function recurrenceInWords(recurrence: Recurrence | null | undefined): string {
  if (!recurrence) return t('tasks-repeat-never')
  const rule = ruleInWords(recurrence.rrule)
  return recurrence.from === 'completion' ? t('tasks-repeat-after-completion', { rule }) : rule
}
