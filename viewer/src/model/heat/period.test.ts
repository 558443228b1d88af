import { describe, expect, it } from 'vitest'
import { datetimeOf, daysOf, monthPeriod, rangePeriod, spanOf } from './period'

// 07:30 on 2 March in China.
const NOW = new Date('2026-03-01T23:30:00Z')

const told = (period: string) => {
  const span = spanOf(period, NOW)
  return span && [datetimeOf(span), daysOf(span)]
}

describe('a period', () => {
  it('of days ends with today in China', () => {
    expect(told('d1')).toEqual(['2026-03-01T16:00:00.000Z/2026-03-02T16:00:00.000Z', 1])
    expect(told('d30')).toEqual(['2026-01-31T16:00:00.000Z/2026-03-02T16:00:00.000Z', 30])
  })

  it('of a month is that month', () => {
    expect(told(monthPeriod(NOW))).toEqual(['2026-02-28T16:00:00.000Z/2026-03-31T16:00:00.000Z', 31])
    expect(told(monthPeriod(NOW, 1))).toEqual(['2026-01-31T16:00:00.000Z/2026-02-28T16:00:00.000Z', 28])
    expect(monthPeriod(NOW, 3)).toBe('m2025-12')
  })

  it('of chosen days holds both ends', () => {
    expect(told(rangePeriod('2026-02-27', '2026-03-01'))?.[1]).toBe(3)
    expect(told(rangePeriod('2026-02-27', '2026-02-27'))?.[1]).toBe(1)
  })

  it.each(['', 'd0', 'd9999', 'm2026-13', 'm2026', 'r2026-02-30_2026-03-01', 'r2026-03-02_2026-03-01', 'x'])(
    'is none in %s',
    (text) => expect(spanOf(text, NOW)).toBeNull(),
  )
})
