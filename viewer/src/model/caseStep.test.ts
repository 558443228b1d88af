import { expect, it } from 'vitest'
import { isWanted, missingNeeds, tidyGiven, timesBetween } from './caseStep'

const VERDICT = { name: 'verdict', is_required: true, only_if: null }
const REASON = { name: 'reason', is_required: false, only_if: ['verdict', 'failed'] } as const

it('wants a reason only for the value that asks for one', () => {
  expect(isWanted(REASON, { verdict: 'passed' })).toBe(false)
  expect(isWanted(REASON, { verdict: 'failed' })).toBe(true)
  expect(missingNeeds([VERDICT, REASON], { verdict: 'failed', reason: '  ' })).toEqual(['reason'])
  expect(missingNeeds([VERDICT, REASON], {})).toEqual(['verdict'])
})

it('sends nothing that is empty', () => {
  expect(tidyGiven({ reason: ' 已清理 ', staff: null, unit: 3, note: '' })).toEqual({ reason: '已清理', unit: 3 })
})

it('tells how long each step took', () => {
  const steps = [{ at: '2026-01-01T00:00:00Z' }, { at: '2026-01-01T00:05:00Z' }]
  expect(timesBetween(steps)).toEqual([null, 300_000])
})
