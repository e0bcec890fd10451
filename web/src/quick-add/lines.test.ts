import { expect, it } from 'vitest'
import { splitLines } from './lines'

const outline = (text: string, level?: number) => splitLines(text, level).map(({ text, parent }) => [text, parent])

it('leaves a single line as it is', () => expect(outline(' - 1. March ')).toEqual([['- 1. March', -1]]))

it('makes a task of each line, and leaves out empty ones', () =>
  expect(outline('One\r\n\n  \nTwo\n')).toEqual([['One', -1], ['Two', -1]]))

it('makes subtasks of indented lines', () =>
  expect(outline('One\n  Two\n  Three\n    Four\nFive\n\tSix')).toEqual([
    ['One', -1], ['Two', 0], ['Three', 0], ['Four', 2], ['Five', -1], ['Six', 4],
  ]))

it('takes an indentation that ends between two levels for the upper one', () =>
  expect(outline('One\n    Two\n  Three')).toEqual([['One', -1], ['Two', 0], ['Three', 0]]))

it('begins anywhere', () => expect(outline('    One\n    Two\n  Three')).toEqual([['One', -1], ['Two', -1], ['Three', -1]]))

it('removes the marks of pasted lists', () =>
  expect(outline('- One\n  * [ ] Two\n1. Three\n2) Four\n• Five\n[x] Six').map(([text]) => text)).toEqual([
    'One', 'Two', 'Three', 'Four', 'Five', 'Six',
  ]))

it('goes no deeper than five levels', () => {
  const deep = ['1', ' 2', '  3', '   4', '    5', '     6'].join('\n')
  expect(outline(deep).map(([, parent]) => parent)).toEqual([-1, 0, 1, 2, 3, 3])
  expect(outline(deep, 1).map(([, parent]) => parent)).toEqual([-1, 0, 1, 2, 2, 2])
})
