import { describe, expect, it } from 'vitest'
import { atSpeed, secondAt, setTo, started, stopped } from './clock'
import { nextMoment, placeAt } from './track'
import { piecesOf } from './twkb'
import type { Piece } from './twkb'

/** ST_AsTWKB('MULTILINESTRINGM((120 30.5 0, 120.00012 30.49999 5, 119.9 30.1 10),(-3.25 -80 3000,-3.250002 -79.5 3005))', 6, 0, 0) */
const FROM_POSTGIS = 'xQgCAgOAuLhywJKLHQDwARMKr5wM6+kwCgLf+rh1v/j/aNwuA8CEPQo='

function piece(...fixes: [time: number, longitude: number, latitude: number][]): Piece {
  return {
    time: Float64Array.from(fixes, ([time]) => time),
    longitude: Float64Array.from(fixes, ([, longitude]) => longitude),
    latitude: Float64Array.from(fixes, ([, , latitude]) => latitude),
  }
}

const DAY = [piece([100, 120, 30], [110, 120.001, 30], [120, 120.001, 30.002]), piece([900, 121, 31], [910, 121, 31])]

describe('TWKB', () => {
  it('is read as PostGIS writes it', () => {
    const bytes = Uint8Array.from(atob(FROM_POSTGIS), (character) => character.charCodeAt(0))
    const [first, second, ...rest] = piecesOf(bytes)
    expect(rest).toEqual([])
    expect([...(first?.time ?? [])]).toEqual([0, 5, 10])
    expect([...(first?.longitude ?? [])]).toEqual([120, 120.00012, 119.9])
    expect([...(second?.latitude ?? [])]).toEqual([-80, -79.5])
    expect([...(second?.time ?? [])]).toEqual([3000, 3005])
  })

  it('is refused when it is cut off or something else', () => {
    expect(() => piecesOf(Uint8Array.of(0xc5, 0x08, 0x02, 0x02, 0x03))).toThrow(RangeError)
    expect(() => piecesOf(Uint8Array.of(0x01, 0x00, 0x00))).toThrow(RangeError)
  })
})

describe('the place of an object', () => {
  it('lies on the way between two fixes', () => {
    const place = placeAt(DAY, 105)
    expect(place).toMatchObject({ longitude: 120.0005, latitude: 30, isLost: false })
    expect(place?.heading).toBeCloseTo(90)
    expect(placeAt(DAY, 115)?.heading).toBeCloseTo(0)
  })

  it('is unknown before the first fix', () => {
    expect(placeAt(DAY, 99.9)).toBeNull()
    expect(placeAt([], 0)).toBeNull()
  })

  it('is the last one known in a gap and after the day, and says so', () => {
    expect(placeAt(DAY, 120)).toMatchObject({ latitude: 30.002, isLost: false })
    expect(placeAt(DAY, 500)).toMatchObject({ longitude: 120.001, latitude: 30.002, isLost: true })
    expect(placeAt(DAY, 900)).toMatchObject({ longitude: 121, isLost: false })
    expect(placeAt(DAY, 5000)).toMatchObject({ longitude: 121, isLost: true })
  })
})

describe('the clock', () => {
  const CLOCK = { second: 28_800, startedAt: null, speed: 60 }

  it('stands until it is started and then keeps its speed, however seldom it is looked at', () => {
    expect(secondAt(CLOCK, 5_000)).toBe(28_800)
    const going = started(CLOCK, 1_000)
    expect(secondAt(going, 2_000)).toBe(28_860)
    expect(secondAt(going, 61_000)).toBe(32_400)
  })

  it('loses nothing when it is stopped, set or made faster', () => {
    const going = started(CLOCK, 0)
    expect(secondAt(stopped(going, 1_500), 9_999)).toBe(28_890)
    expect(secondAt(setTo(going, 100, 2_000), 3_000)).toBe(160)
    expect(secondAt(atSpeed(going, 600, 1_000), 2_000)).toBe(28_860 + 600)
    expect(atSpeed(CLOCK, 600, 1_000).startedAt).toBeNull()
  })

  it('ends with the day', () => {
    expect(secondAt(started({ ...CLOCK, speed: 600 }, 0), 10_000_000)).toBe(86_400)
  })
})

it('finds the marks beside a moment', () => {
  expect(nextMoment([10, 50, 90], 50)).toBe(90)
  expect(nextMoment([10, 50, 90], 50, true)).toBe(10)
  expect(nextMoment([10], 50)).toBeNull()
})
