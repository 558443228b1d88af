import { describe, expect, it } from 'vitest'
import { pressing } from './care'

describe('pressing', () => {
  it.each([
    ['visit_overdue', 3, 'care.overdueBy', 3, 'bad'],
    ['visit_soon', 0, 'care.dueToday', 0, 'warn'],
    ['visit_soon', -7, 'care.dueIn', 7, 'warn'],
    ['review_soon', -8, 'care.dueIn', 8, 'neutral'],
    ['service_open', 7, 'care.waiting', 7, 'warn'],
    ['service_open', 8, 'care.waiting', 8, 'bad'],
    ['service_follow_up', 30, 'care.doneSince', 30, 'warn'],
  ] as const)('of %s by %i days is %s', (list, days, key, told, tone) => {
    expect(pressing(list, days)).toEqual({ key, days: told, tone })
  })
})
