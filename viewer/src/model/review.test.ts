import { describe, expect, it } from 'vitest'
import { companionsOf, resubmitted, stillChosen } from './review'
import type { FormField } from './form'

const field = (name: string, rest: Partial<FormField> = {}): FormField => ({
  name,
  title: { zh: name, en: name },
  type: 'text',
  ...rest,
})

describe('handing in again', () => {
  const fields = [field('name', { sensitivity: 'identity' }), field('sex'), field('note')]

  it('keeps plain values, takes changes, never sends masks', () => {
    const values = { name: '张*', sex: '1' }
    expect(resubmitted(fields, values, { note: '已核' })).toEqual({ sex: '1', note: '已核' })
    expect(resubmitted(fields, values, { name: '张三', sex: '2' })).toEqual({ name: '张三', sex: '2' })
  })
})

describe('choosing many', () => {
  it('forgets what left the list and takes 200 at most', () => {
    expect(stillChosen(new Set([1, 9]), [3, 1])).toEqual([1])
    const all = Array.from({ length: 300 }, (_, index) => index)
    expect(stillChosen(new Set(all), all)).toHaveLength(200)
  })
})

it('shows what goes with a proposal as fields that are new', () => {
  const also = [{ layer: 'residences', operation: 'create', values: { dwelling_id: 7, relation: '02' } }]
  const [companion] = companionsOf({ id: 3, also })
  expect(companion?.id).toBe(3)
  expect(companion?.differences.map(({ field, before, after }) => [field, before, after])).toEqual([
    ['dwelling_id', null, 7],
    ['relation', null, '02'],
  ])
})
