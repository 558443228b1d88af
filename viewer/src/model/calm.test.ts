import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { calm } from './calm'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('runs once for what arrives together', () => {
  const run = vi.fn()
  const each = calm(run, 100, 1000)
  each.soon()
  each.soon()
  vi.advanceTimersByTime(99)
  expect(run).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(run).toHaveBeenCalledTimes(1)
})

it('keeps running while changes never end, once an interval', () => {
  const run = vi.fn()
  const each = calm(run, 100, 1000)
  for (let passed = 0; passed < 5000; passed += 50) {
    each.soon()
    vi.advanceTimersByTime(50)
  }
  expect(run).toHaveBeenCalledTimes(5)
})

it('forgets what was asked for when it stops', () => {
  const run = vi.fn()
  const each = calm(run, 100, 1000)
  each.soon()
  each.stop()
  vi.advanceTimersByTime(5000)
  expect(run).not.toHaveBeenCalled()
})
