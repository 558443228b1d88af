import { expect, it } from 'vitest'
import { nextLightChange } from './nextLightChange'

const NOW = 1_000

it('is the first warning or due time to come', () => {
  const cases = [
    { due_at: 5_000, warn_at: 3_000 },
    { due_at: 2_000, warn_at: 900 },
    { due_at: 4_000 },
  ]
  expect(nextLightChange(cases, NOW)).toBeCloseTo(2_000.001, 6)
  expect(nextLightChange(cases, 2_500)).toBe(3_000)
})

it('leaves out what has no deadline, is suspended or overdue', () => {
  expect(nextLightChange([{}, { due_at: 5_000, paused_at: 800 }, { due_at: 999, warn_at: 500 }], NOW)).toBeNull()
})

it('comes right after the due time', () => {
  expect(nextLightChange([{ due_at: NOW, warn_at: 500 }], NOW)).toBeCloseTo(NOW + 0.001, 6)
})
