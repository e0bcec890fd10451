import { expect, test } from 'vitest'
import { presetOf, recurrenceInWords, ruleInWords } from './recurrence'

test.each([
  ['FREQ=DAILY', 'Every day'],
  ['freq=daily;interval=1', 'Every day'],
  ['FREQ=WEEKLY;BYDAY=FR,MO,TU,WE,TH', 'Every weekday'],
  ['FREQ=WEEKLY;BYDAY=MO,WE', 'Every week on Mon and Wed'],
  ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO', 'Every 2 weeks on Mon'],
  ['FREQ=MONTHLY;INTERVAL=3', 'Every 3 months'],
  ['RRULE:FREQ=YEARLY', 'Every year'],
])('says %s in words', (rule, words) => {
  expect(ruleInWords(rule)).toBe(words)
})

test.each(['FREQ=MONTHLY;BYDAY=-1FR', 'FREQ=DAILY;COUNT=3', 'FREQ=WEEKLY;BYDAY=XX'])('leaves %s as it is', (rule) => {
  expect(presetOf(rule)).toBe('custom')
  expect(ruleInWords(rule)).toBe(rule)
})

test('says what it is counted from', () => {
  expect(recurrenceInWords(null)).toBe('Never')
  expect(recurrenceInWords({ rrule: 'FREQ=DAILY', time_zone: 'UTC', from: 'completion' })).toBe(
    'Every day, after it is completed',
  )
})
