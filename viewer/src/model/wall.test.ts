import { describe, expect, it } from 'vitest'
import { FIRST_VIEW, codeOf, rangeOf, sentOf, spokenCode, viewOf, wallOf } from './wall'

describe('a wall', () => {
  it('is read from a line of the stream', () => {
    const state = { selected: 'buildings.17', area: '990101', period: 'day', category: null, light: 'red' }
    expect(wallOf({ code: 'ABCDEFGH', version: 3, state })).toEqual({
      code: 'ABCDEFGH',
      version: 3,
      view: { selected: { layer: 'buildings', id: 17 }, area: '990101', period: 'day', category: null, light: 'red' },
    })
    expect(wallOf({ code: 'ABCDEFGH' })).toBeNull()
    expect(wallOf('reset')).toBeNull()
  })

  it('looks at everything where the state cannot be read', () => {
    expect(viewOf({ selected: 'castles.1', area: 'x', period: 'decade', category: 1, light: 'blue' })).toEqual(FIRST_VIEW)
  })

  it('is changed member by member', () => {
    expect(sentOf({ area: '99' })).toEqual({ area: '99' })
    expect(sentOf({ selected: null })).toEqual({ selected: null })
    expect(sentOf({ selected: { layer: 'grids', id: 4 } })).toEqual({ selected: 'grids.4' })
  })
})

describe('a pairing code', () => {
  it('may be typed as it is read aloud', () => {
    expect(codeOf(' abcd-efgh ')).toBe('ABCDEFGH')
    expect(codeOf(spokenCode('ABCDEFGH'))).toBe('ABCDEFGH')
  })

  it.each(['', 'ABCDEFG', 'ABCDEFGO', 'ABCDEFG1', 'ABCDEFGHJ'])('is not %j', (text) => {
    expect(codeOf(text)).toBeNull()
  })
})

describe('a period', () => {
  const sunday = new Date(2026, 10, 29, 13, 5)

  it.each([
    ['day', new Date(2026, 10, 29), new Date(2026, 10, 30)],
    ['week', new Date(2026, 10, 23), new Date(2026, 10, 30)],
    ['month', new Date(2026, 10, 1), new Date(2026, 11, 1)],
    ['year', new Date(2026, 0, 1), new Date(2027, 0, 1)],
  ] as const)('of a %s holds now', (period, since, until) => {
    expect(rangeOf(period, sunday)).toEqual({ since, until })
  })
})
