import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { throttle } from './throttle'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('runs at once, then once more for all calls of the interval', () => {
  let runs = 0
  const call = throttle(() => {
    runs += 1
  }, 1000)
  call()
  expect(runs).toBe(1)
  call()
  call()
  expect(runs).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(runs).toBe(2)
  vi.advanceTimersByTime(5000)
  expect(runs).toBe(2)
  call()
  expect(runs).toBe(3)
})
