import { describe, expect, it } from 'vitest'
import { daysUntil } from './chinaTime'
import { inspectionState } from './inspection'

describe('inspectionState', () => {
  it.each([
    ['2026-11-19', 'inspection.overdueBy', 1, 'bad'],
    ['2026-11-20', 'inspection.dueToday', 0, 'warn'],
    ['2026-11-27', 'inspection.dueIn', 7, 'warn'],
    ['2026-11-28', 'inspection.dueIn', 8, 'neutral'],
    [null, 'inspection.unscheduled', 0, 'neutral'],
  ] as const)('of %s', (next, key, days, tone) => {
    expect(inspectionState(next, '2026-11-20')).toEqual({ key, days, tone })
  })
})

it('counts days over the end of a month', () => {
  expect(daysUntil('2026-12-01', '2026-11-29')).toBe(2)
})
