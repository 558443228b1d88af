import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lightOf, nextChange, timeLeft } from './lights'
import type { Light, Timing } from './lights'

interface Vector extends Timing {
  readonly case: string
  readonly now: string
  readonly light: Light | null
  readonly next_change: string | null
}

// The server's rule is tested with the same cases.
const file = resolve(import.meta.dirname, '../../../tests/vectors/lights.json')
const VECTORS = JSON.parse(readFileSync(file, 'utf8')) as readonly Vector[]

describe('a light', () => {
  it.each(VECTORS)('$case', (vector) => {
    const now = Date.parse(vector.now)
    expect(lightOf(vector, now)).toEqual(vector.light)
    const next = nextChange(vector, now)
    expect(next).toBe(vector.next_change === null ? null : Date.parse(vector.next_change))
    if (next === null) return
    expect(lightOf(vector, next - 1)).toEqual(vector.light)
    expect(lightOf(vector, next)).not.toEqual(vector.light)
  })
})

it('says how much time is left, and how much it is over', () => {
  const timing = { warn_at: null, due_at: '2026-03-02T12:00:00Z', closed_at: null, paused_at: null }
  const due = Date.parse(timing.due_at)
  expect(timeLeft(timing, due - 60_000)).toBe(60_000)
  expect(timeLeft(timing, due + 1_000)).toBe(-1_000)
  expect(timeLeft({ ...timing, closed_at: '2026-03-02T11:00:00Z' }, due + 1_000)).toBe(3_600_000)
  expect(timeLeft({ ...timing, due_at: null }, due)).toBeNull()
})
