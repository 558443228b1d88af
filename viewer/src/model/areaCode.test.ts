import { expect, it } from 'vitest'
import { areaSteps, joinNames } from './areaCode'

it.each([
  ['', []],
  ['310112', ['areas/310112']],
  ['310112001', ['areas/310112001']],
  ['310112001002', ['areas/310112001', 'areas/310112001002']],
  ['31011200100205', ['areas/310112001', 'areas/310112001002', 'grids/31011200100205']],
])('%s is named by %j', (code, steps) => {
  expect(areaSteps(code).map((step) => `${step.layer}/${step.code}`)).toEqual(steps)
})

it('leaves out a name that the next repeats', () => {
  expect(joinNames(['澄湖街道', '石风社区', '石风社区第4网格'])).toBe('澄湖街道 · 石风社区第4网格')
  expect(joinNames([null, '石风社区', ''])).toBe('石风社区')
  expect(joinNames([])).toBe('')
})
