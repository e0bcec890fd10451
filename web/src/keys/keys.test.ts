import { effectScope } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { useShortcuts } from './keys'

const scope = effectScope()
const press = (key: string, options: KeyboardEventInit = {}, target: EventTarget = document.body) =>
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...options }))

afterEach(() => (document.body.innerHTML = ''))

describe('useShortcuts', () => {
  it('runs a shortcut, a sequence, and one with a modifier', () => {
    const run = vi.fn<(event: KeyboardEvent) => void>()
    const shortcut = (keys: string) => ({ keys, text: '', group: '', run })
    scope.run(() => useShortcuts([shortcut('c'), shortcut('g i'), shortcut('mod+k'), shortcut('?')]))
    press('c')
    press('g')
    press('i')
    press('k', { metaKey: true })
    press('?', { shiftKey: true })
    expect(run).toHaveBeenCalledTimes(4)
    press('i')
    expect(run).toHaveBeenCalledTimes(4)
    scope.stop()
    press('c')
    expect(run).toHaveBeenCalledTimes(4)
  })

  it('does not run while one types', () => {
    const run = vi.fn<(event: KeyboardEvent) => void>()
    effectScope().run(() => useShortcuts([{ keys: 'c', text: '', group: '', run }]))
    const input = document.body.appendChild(document.createElement('input'))
    press('c', {}, input)
    expect(run).not.toHaveBeenCalled()
  })
})
