import { describe, expect, it } from 'vitest'
import { type Context, parse, personOf, plainKey } from './parse'

// Thursday, 14 February 2030, 10:00 in Berlin.
const context: Context = {
  now: new Date('2030-02-14T09:00:00Z'),
  timeZone: 'Europe/Berlin',
  language: 'en',
  me: 'me',
  people: [
    { id: 'me', name: 'Mia Stone' },
    { id: 'anna', name: 'Anna Müller' },
    { id: 'andrew', name: 'Andrew Lee' },
    { id: 'ann', name: 'Ann Lee-Jones' },
  ],
  projects: [
    { id: 'p-web', key: 'WEB' },
    { id: 'p-ops', key: 'OPS2' },
  ],
}
const german: Context = { ...context, language: 'de' }

const local = (instant: string | undefined, timeZone = 'Europe/Berlin') =>
  instant && new Date(instant).toLocaleString('sv-SE', { timeZone }).slice(0, 16)
const read = (line: string, given = context) => {
  const { title, due_at } = parse(line, given)
  return [title, local(due_at, given.timeZone)]
}

describe('dates in English', () => {
  it.each([
    ['Call Bob today', 'Call Bob', '2030-02-14 17:00'],
    ['Call Bob tomorrow', 'Call Bob', '2030-02-15 17:00'],
    ['tomorrow call Bob', 'call Bob', '2030-02-15 17:00'],
    ['Call Bob tomorrow about the invoice', 'Call Bob about the invoice', '2030-02-15 17:00'],
    ['Call Bob the day after tomorrow', 'Call Bob', '2030-02-16 17:00'],
    ['Call Bob fri', 'Call Bob', '2030-02-15 17:00'],
    ['Call Bob thu', 'Call Bob', '2030-02-21 17:00'],
    ['Call Bob on Monday', 'Call Bob', '2030-02-18 17:00'],
    ['Call Bob on Monday about the invoice', 'Call Bob about the invoice', '2030-02-18 17:00'],
    ['Call Bob by sun', 'Call Bob', '2030-02-17 17:00'],
    ['Monday: call Bob', 'call Bob', '2030-02-18 17:00'],
    ['Call Bob next week', 'Call Bob', '2030-02-18 17:00'],
    ['Call Bob next month', 'Call Bob', '2030-03-01 17:00'],
    ['Call Bob next friday', 'Call Bob', '2030-02-22 17:00'],
    ['Call Bob this Friday', 'Call Bob', '2030-02-15 17:00'],
    ['Call Bob 3 mar', 'Call Bob', '2030-03-03 17:00'],
    ['Call Bob on 3rd of March', 'Call Bob', '2030-03-03 17:00'],
    ['Call Bob Mar 3', 'Call Bob', '2030-03-03 17:00'],
    ['Call Bob 3 jan', 'Call Bob', '2031-01-03 17:00'],
    ['Call Bob 3 Jan 2032', 'Call Bob', '2032-01-03 17:00'],
    ['Call Bob 29 feb', 'Call Bob', '2032-02-29 17:00'],
    ['Call Bob sun 3 mar', 'Call Bob', '2030-03-03 17:00'],
    ['Call Bob 2030-03-01', 'Call Bob', '2030-03-01 17:00'],
    ['Call Bob by 1.3.', 'Call Bob', '2030-03-01 17:00'],
    ['Call Bob in 3 days', 'Call Bob', '2030-02-17 17:00'],
    ['Call Bob in a week', 'Call Bob', '2030-02-21 17:00'],
    ['Call Bob +2w', 'Call Bob', '2030-02-28 17:00'],
    ['Call Bob +1m !high', 'Call Bob', '2030-03-14 17:00'],
    ['Call Bob, tomorrow', 'Call Bob', '2030-02-15 17:00'],
    ['Call Bob tomorrow.', 'Call Bob.', '2030-02-15 17:00'],
  ])('%s', (line, title, due) => expect(read(line)).toEqual([title, due]))
})

describe('times', () => {
  it.each([
    ['Call Bob at 14:30', 'Call Bob', '2030-02-14 14:30'],
    ['Call Bob at 9:30', 'Call Bob', '2030-02-15 09:30'],
    ['Call Bob 2pm', 'Call Bob', '2030-02-14 14:00'],
    ['Call Bob at 12 am', 'Call Bob', '2030-02-15 00:00'],
    ['Call Bob 12:15pm', 'Call Bob', '2030-02-14 12:15'],
    ['Call Bob tomorrow 14:30', 'Call Bob', '2030-02-15 14:30'],
    ['Call Bob tomorrow at 9', 'Call Bob', '2030-02-15 09:00'],
    ['Call Bob 14:30 tomorrow', 'Call Bob', '2030-02-15 14:30'],
    ['At 2pm call Bob tomorrow', 'call Bob', '2030-02-15 14:00'],
    ['Call Bob fri, 2pm #sales', 'Call Bob', '2030-02-15 14:00'],
    ['Bob anrufen um 14 Uhr', 'Bob anrufen', '2030-02-14 14:00'],
    ['Bob anrufen morgen um 14:30 Uhr', 'Bob anrufen', '2030-02-15 14:30'],
    ['Bob anrufen 9.15 Uhr', 'Bob anrufen', '2030-02-15 09:15'],
  ])('%s', (line, title, due) => expect(read(line)).toEqual([title, due]))

  it('ends the day when the usual hour is over', () => {
    const late = { ...context, now: new Date('2030-02-14T19:00:00Z') }
    expect(read('Call Bob today', late)).toEqual(['Call Bob', '2030-02-14 23:59'])
  })
})

describe('dates in German', () => {
  it.each([
    ['Bob anrufen heute', 'Bob anrufen', '2030-02-14 17:00'],
    ['Morgen Brot kaufen', 'Brot kaufen', '2030-02-15 17:00'],
    ['Bob übermorgen anrufen', 'Bob anrufen', '2030-02-16 17:00'],
    ['Bob anrufen nächste Woche', 'Bob anrufen', '2030-02-18 17:00'],
    ['Bob am Freitag anrufen', 'Bob anrufen', '2030-02-15 17:00'],
    ['Bob anrufen bis Sonntag', 'Bob anrufen', '2030-02-17 17:00'],
    ['Bob anrufen am Mi', 'Bob anrufen', '2030-02-20 17:00'],
    ['Bob anrufen nächsten Mittwoch', 'Bob anrufen', '2030-02-20 17:00'],
    ['Bob anrufen 1.3.', 'Bob anrufen', '2030-03-01 17:00'],
    ['Bob anrufen bis zum 01.03.2031', 'Bob anrufen', '2031-03-01 17:00'],
    ['Bob anrufen am 3. März', 'Bob anrufen', '2030-03-03 17:00'],
    ['Bob anrufen 24. Dez', 'Bob anrufen', '2030-12-24 17:00'],
    ['Bob anrufen in 3 Tagen', 'Bob anrufen', '2030-02-17 17:00'],
    ['Bob anrufen in einer Woche', 'Bob anrufen', '2030-02-21 17:00'],
  ])('%s', (line, title, due) => expect(read(line, german)).toEqual([title, due]))
})

describe('what stays a title', () => {
  it.each([
    'The 9/11 Report',
    'Read "Live from tomorrow" to the end',
    'Read “The Day After tomorrow”',
    '„Bis morgen“ lesen',
    'Run `date tomorrow`',
    'Subscribe to USA Today',
    'Tomorrow Never Dies',
    "Review today's numbers",
    'Prepare the Monday meeting',
    'Monday morning meeting',
    'Fix the Black Friday banner on sale pages',
    'Prepare Black Friday',
    'Collect the figures since Monday',
    'Water the plants every monday',
    'Minutes of the meeting from 3 mar',
    'Write 3 marketing texts',
    'Upgrade Node to 24.1.',
    'Release version 1.3.',
    'Release 2.10.3',
    'Change the ratio to 16:10',
    'Read John 14:30 aloud',
    'Fix issue #42',
    'Write it in C#',
    'Say hello!',
    'This is !important',
    'Mail bob@example.com',
    'Ask @nobody',
    'Ask @an',
    'Rate it +1',
    'Learn C++ well',
    'Join +NOPE',
    'Sum up 31 feb',
    'Sum up 2030-02-30',
    'Sum up 2030-03-01T10:00',
    'Meet at 25:00',
    'Leave at 5',
    'Do so',
    'Is that so',
    'today',
    '#label',
    'tomorrow 14:30',
  ])('%s', (line) => {
    const { title, parts } = parse(line, context)
    expect([title, parts]).toEqual([line, []])
  })

  it.each(['Guten Morgen sagen', 'Zahlen seit Montag', 'Version 1.3.', 'Das Ding vom 3. März', 'Zahl 10 am Montagmorgen'])(
    'in German: %s',
    (line) => expect(parse(line, german).parts).toEqual([]),
  )
})

describe('everything else', () => {
  it.each([
    ['!low', 'low'], ['!high', 'high'], ['!urgent', 'urgent'], ['!1', 'urgent'], ['!2', 'high'], ['!3', 'medium'],
    ['!4', 'low'], ['!dringend', 'urgent'], ['!HOCH', 'high'],
  ])('priority %s', (written, priority) =>
    expect(parse(`Call Bob ${written}`, context)).toMatchObject({ title: 'Call Bob', priority }),
  )

  it('reads all parts of a line', () => {
    const line = 'Renew the certificate fri 14:30 !high #tls #web @anna +WEB'
    const parsed = parse(line, context)
    expect(parsed).toMatchObject({
      title: 'Renew the certificate',
      priority: 'high',
      labels: ['tls', 'web'],
      assignee_id: 'anna',
      project_id: 'p-web',
    })
    expect(parsed.parts.map(({ start, end }) => line.slice(start, end))).toEqual(parsed.parts.map(({ text }) => text))
    expect(parsed.parts.map(({ kind }) => kind)).toEqual(['due', 'priority', 'label', 'label', 'assignee', 'project'])
  })

  it('takes labels with several words, and each once', () =>
    expect(parse('Call #"big deal" #{next one} #Web #web, Bob', context)).toMatchObject({
      title: 'Call, Bob',
      labels: ['big deal', 'next one', 'Web'],
    }))

  it.each([
    ['anna', 'anna'], ['mull', 'anna'], ['Müller', 'anna'], ['andrew', 'andrew'], ['ann', 'ann'], ['annl', 'ann'],
    ['Andrew Lee', 'andrew'], ['me', 'me'], ['lee', 'andrew'], ['an', undefined], ['x', undefined],
  ])('person %s', (written, id) => expect(personOf(written, context)).toBe(id))

  it('takes a person in quotes or braces', () => {
    expect(parse('Call @"Ann Lee-Jones" back', context)).toMatchObject({ title: 'Call back', assignee_id: 'ann' })
    expect(parse('Call @{andrew lee}', context)).toMatchObject({ title: 'Call', assignee_id: 'andrew' })
  })

  it('knows a day before a name that is not known', () =>
    expect(parse('Call Bob fri @nobody', context)).toMatchObject({ title: 'Call Bob @nobody', due_at: '2030-02-15T16:00:00.000Z' }))

  it('knows a project by its key in any case', () =>
    expect(parse('Call Bob +ops2', context)).toMatchObject({ title: 'Call Bob', project_id: 'p-ops' }))

  it('takes the last of several, and leaves the others', () =>
    expect(parse('Ring today, call tomorrow !low !high', context)).toMatchObject({
      title: 'Ring today, call !low',
      due_at: '2030-02-15T16:00:00.000Z',
    }))

  it('leaves what was given back, also when it grows', () => {
    const [part] = parse('Call Bob on fri', context).parts
    const plain = new Set([plainKey(part!)])
    expect(parse('Call Bob on fri', { ...context, plain }).parts).toEqual([])
    expect(parse('Call Bob on friday 14:30', { ...context, plain }).parts).toEqual([])
    expect(parse('Call Bob on fri !high', { ...context, plain }).parts).toHaveLength(1)
  })
})

describe('time zones', () => {
  it('counts days where the person is', () => {
    // 23:30 on the 14th in New York is the 15th in UTC.
    const there = { ...context, timeZone: 'America/New_York', now: new Date('2030-02-15T04:30:00Z') }
    expect(parse('Call Bob tomorrow', there).due_at).toBe('2030-02-15T22:00:00.000Z')
  })

  it('keeps the hour when the clocks change', () => {
    // In Berlin, summer time begins on 31 March 2030.
    const before = { ...context, now: new Date('2030-03-30T11:00:00Z') }
    expect(parse('Call Bob today at 5pm', before).due_at).toBe('2030-03-30T16:00:00.000Z')
    expect(parse('Call Bob tomorrow', before).due_at).toBe('2030-03-31T15:00:00.000Z')
  })

  it('moves a time that the clocks leave out forward', () => {
    const before = { ...context, now: new Date('2030-03-30T11:00:00Z') }
    expect(read('Call Bob tomorrow at 2:30', before)).toEqual(['Call Bob', '2030-03-31 03:30'])
  })

  it('takes the first of two times when the clocks go back', () => {
    const before = { ...context, now: new Date('2030-10-26T10:00:00Z') }
    expect(parse('Call Bob tomorrow at 2:30', before).due_at).toBe('2030-10-27T00:30:00.000Z')
  })
})
