import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useClock } from './clock'

const START = Date.parse('2026-03-02T10:00:00Z')

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  setActivePinia(createPinia())
})
afterEach(() => vi.useRealTimers())

it('stands still until a moment that somebody waits for', () => {
  const clock = useClock()
  clock.wakeAt({}, START + 5_000)
  vi.advanceTimersByTime(4_999)
  expect(clock.now).toBe(START)
  vi.advanceTimersByTime(1)
  expect(clock.now).toBe(START + 5_000)
  vi.advanceTimersByTime(60_000)
  expect(clock.now).toBe(START + 5_000)
})

it('wakes for the first of several, then for the next', () => {
  const clock = useClock()
  const late = {}
  clock.wakeAt(late, START + 9_000)
  clock.wakeAt({}, START + 2_000)
  vi.advanceTimersByTime(3_000)
  expect(clock.now).toBe(START + 2_000)
  clock.wakeAt(late, START + 4_000)
  vi.advanceTimersByTime(2_000)
  expect(clock.now).toBe(START + 4_000)
})

it('forgets who waits no more', () => {
  const clock = useClock()
  const owner = {}
  clock.wakeAt(owner, START + 1_000)
  clock.wakeAt(owner, null)
  vi.advanceTimersByTime(10_000)
  expect(clock.now).toBe(START)
})

it('goes by the time of the server', () => {
  const clock = useClock()
  // The answer took two seconds; the server's clock is an hour ahead.
  clock.synchronise('2026-03-02T11:00:00Z', START - 1_000, START + 1_000)
  expect(clock.now).toBe(START + 3_600_000)
  clock.wakeAt({}, START + 3_600_000 + 500)
  vi.advanceTimersByTime(500)
  expect(clock.now).toBe(START + 3_600_500)
})

it('waits longer than a timer can', () => {
  const clock = useClock()
  const month = 30 * 86_400_000
  clock.wakeAt({}, START + month)
  vi.advanceTimersByTime(month)
  expect(clock.now).toBe(START + month)
})

it('looks again when the tab is shown', () => {
  const clock = useClock()
  vi.setSystemTime(START + 7_000)
  document.dispatchEvent(new Event('visibilitychange'))
  expect(clock.now).toBe(START + 7_000)
})
