import { describe, expect, it } from 'vitest'
import { FIRST_QUESTION } from '../heat/question'
import type { HeatQuestion } from '../heat/question'
import { heatParameter } from './heat'
import { readParameter } from './parameter'

const read = (text: string) => readParameter(new URLSearchParams({ heat: text }), heatParameter)

describe('a heat map in the URL', () => {
  it('is short when it is the first one', () => {
    expect(heatParameter.write(FIRST_QUESTION)).toBe('on')
    expect(read('on')).toEqual(FIRST_QUESTION)
    expect(heatParameter.write(null)).toBeNull()
  })

  it.each<Partial<HeatQuestion>>([
    { radius: 200, period: 'm2026-10', step: 'day', look: 'columns' },
    { field: 'category', codes: ['UM-0110', 'UM-02'], area: '990101001' },
    { layer: 'buildings', weight: 'residents' },
    { layer: 'residences', step: 'month', period: 'r2026-01-01_2026-06-30' },
  ])('comes back as it was written: %j', (part) => {
    const question = { ...FIRST_QUESTION, ...part }
    expect(read(heatParameter.write(question) ?? '')).toEqual(question)
  })

  it.each([
    '', 'off', 'radius:9', 'radius:wide', 'layer:roads', 'layer:castles', 'period:d0', 'area:99%25', 'colour:red',
  ])('is none in %s', (text) => expect(read(text)).toBeNull())

  it('forgets a weight and a field that the layer does not have', () => {
    expect(read('weight:levels~field:usage.B1')).toEqual(FIRST_QUESTION)
  })
})
