import { describe, expect, it } from 'vitest'
import { Sequence } from './sequence'

describe('Sequence', () => {
  it('hands on in order, each once', () => {
    const sequence = new Sequence<string>(5)
    expect(sequence.take(7, 'c')).toEqual([])
    expect(sequence.hasGap).toBe(true)
    expect(sequence.take(6, 'b')).toEqual(['b', 'c'])
    expect(sequence.hasGap).toBe(false)
    expect(sequence.take(6, 'b')).toEqual([])
    expect(sequence.last).toBe(7)
  })

  it('ignores what is known', () => {
    expect(new Sequence<string>(5).take(5, 'a')).toEqual([])
  })
})
