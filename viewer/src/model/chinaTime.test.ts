import { expect, it } from 'vitest'
import { chinaClock, chinaDay, clockAt } from './chinaTime'

it('counts days as they are counted in China, wherever the screen stands', () => {
  expect(chinaDay(new Date('2026-10-01T15:59:59Z'))).toBe('2026-10-01')
  expect(chinaDay(new Date('2026-10-01T16:00:00Z'))).toBe('2026-10-02')
  expect(chinaClock(new Date('2026-10-01T00:30:00Z'))).toBe('08:30')
})

it('tells the time of day at a second', () => {
  expect(clockAt(0)).toBe('00:00:00')
  expect(clockAt(30_605.9)).toBe('08:30:05')
  expect(clockAt(86_400)).toBe('24:00:00')
})
