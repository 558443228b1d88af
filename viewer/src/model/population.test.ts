import { describe, expect, it } from 'vitest'
import { breaksOf, classOf, levelBelow, netMoves, peopleAged, ageBandsOf, shareOf, stepOf } from './population'

const COLUMNS = [
  { sex: '1', age: 0 },
  { sex: '1', age: 60 },
  { sex: '2', age: 0 },
  { sex: '2', age: 60 },
  { sex: null, age: 0 },
]

describe('the pyramid', () => {
  it('has a band for each age, men beside women', () => {
    expect(ageBandsOf(COLUMNS, [7, 9, null, 11, 3])).toEqual([
      { age: 0, men: 7, women: null, people: null },
      { age: 60, men: 9, women: 11, people: 20 },
    ])
  })

  it('has people alone where men and women are not told apart', () => {
    const bands = ageBandsOf([{ age: 0 }, { age: 60 }, { age: null }], [7, null, 3])
    expect(bands).toEqual([
      { age: 0, men: null, women: null, people: 7 },
      { age: 60, men: null, women: null, people: null },
    ])
    expect(peopleAged(bands, 0, 60)).toBe(7)
  })

  it('sums what is known and nothing that is hidden', () => {
    const bands = ageBandsOf(COLUMNS, [7, 9, null, 11, 3])
    expect(peopleAged(bands, 60)).toBe(20)
    expect(peopleAged(bands, 0, 60)).toBeNull()
    expect(shareOf(20, 40)).toBe(0.5)
    expect(shareOf(null, 40)).toBeNull()
    expect(shareOf(0, 0)).toBeNull()
  })
})

describe('classes of the map', () => {
  it('hold about as many areas each', () => {
    const breaks = breaksOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, null])
    expect(breaks).toEqual([1, 3, 5, 7, 9])
    expect([1, 2, 3, 10, 0, null].map((value) => classOf(value, breaks))).toEqual([0, 0, 1, 4, 0, null])
  })

  it('are fewer where values are alike, none where all are hidden', () => {
    expect(breaksOf([5, 5, 5])).toEqual([5])
    expect(breaksOf([null])).toEqual([])
    expect([0, 1, 2].map((place) => stepOf(place, 3))).toEqual([0, 2, 4])
    expect(stepOf(0, 1)).toBe(4)
  })
})

it('drills from the county down to a house', () => {
  expect(['', '310112', '310112001', '310112001001', '31011200100101', '310'].map(levelBelow)).toEqual([
    'county', 'street', 'community', 'grid', 'building', null,
  ])
})

it('tells what moves add up to only when every month is known', () => {
  const month = { month: '2026-01-01', moved_in: 9, moved_out: 5, people: null }
  expect(netMoves([month, month])).toBe(8)
  expect(netMoves([month, { ...month, moved_in: null }])).toBeNull()
})
