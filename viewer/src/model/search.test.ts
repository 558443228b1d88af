import { expect, it } from 'vitest'
import { splitAtMatches, stepThrough } from './search'

it('cuts a text at each word of the query', () => {
  expect(splitAtMatches('春申路12号', '春申 12')).toEqual([
    { text: '春申', isMatch: true },
    { text: '路', isMatch: false },
    { text: '12', isMatch: true },
    { text: '号', isMatch: false },
  ])
})

it('does not care for case and leaves the rest whole', () => {
  expect(splitAtMatches('AED 1', 'aed')[0]).toEqual({ text: 'AED', isMatch: true })
  expect(splitAtMatches('路', '')).toEqual([{ text: '路', isMatch: false }])
  expect(splitAtMatches('', 'a')).toEqual([])
})

it('steps round the ends', () => {
  expect(stepThrough(3, -1, 1)).toBe(0)
  expect(stepThrough(3, -1, -1)).toBe(2)
  expect(stepThrough(3, 2, 1)).toBe(0)
  expect(stepThrough(3, 0, -1)).toBe(2)
  expect(stepThrough(0, 0, 1)).toBe(-1)
})
