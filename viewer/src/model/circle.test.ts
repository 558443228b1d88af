import { describe, expect, it } from 'vitest'
import { circlePolygon, metresBetween, placeAt } from './circle'
import type { LonLat } from './geography'

const RADIAN = Math.PI / 180

/** The slow oracle: Vincenty's inverse formula on WGS 84, good to half a millimetre. */
function vincenty(from: LonLat, to: LonLat): number {
  const a = 6_378_137
  const f = 1 / 298.257_223_563
  const b = a * (1 - f)
  const [u1, u2] = [from.lat, to.lat].map((lat) => Math.atan((1 - f) * Math.tan(lat * RADIAN))) as [number, number]
  const length = (to.lon - from.lon) * RADIAN
  let lambda = length
  for (let round = 0; round < 100; round += 1) {
    const sineSigma = Math.hypot(
      Math.cos(u2) * Math.sin(lambda),
      Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda),
    )
    if (sineSigma === 0) return 0
    const cosineSigma = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda)
    const sigma = Math.atan2(sineSigma, cosineSigma)
    const sineAlpha = (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sineSigma
    const cosineSquared = 1 - sineAlpha ** 2
    const middle = cosineSquared === 0 ? 0 : cosineSigma - (2 * Math.sin(u1) * Math.sin(u2)) / cosineSquared
    const c = (f / 16) * cosineSquared * (4 + f * (4 - 3 * cosineSquared))
    const next =
      length +
      (1 - c) * f * sineAlpha * (sigma + c * sineSigma * (middle + c * cosineSigma * (2 * middle ** 2 - 1)))
    const isDone = Math.abs(next - lambda) < 1e-13
    lambda = next
    if (!isDone) continue
    const square = (cosineSquared * (a * a - b * b)) / (b * b)
    const bigA = 1 + (square / 16_384) * (4_096 + square * (-768 + square * (320 - 175 * square)))
    const bigB = (square / 1_024) * (256 + square * (-128 + square * (74 - 47 * square)))
    const delta =
      bigB *
      sineSigma *
      (middle +
        (bigB / 4) *
          (cosineSigma * (2 * middle ** 2 - 1) -
            (bigB / 6) * middle * (4 * sineSigma ** 2 - 3) * (4 * middle ** 2 - 3)))
    return b * bigA * (sigma - delta)
  }
  throw new Error('Vincenty does not converge')
}

const PLACES: readonly LonLat[] = [
  { lon: 104.04, lat: 30.69 },
  { lon: 126.6, lat: 45.8 },
  { lon: 109.5, lat: 18.25 },
  { lon: 87.6, lat: 43.8 },
]

describe('a circle on the ground', () => {
  it.each(PLACES)('has its radius in every direction, measured on the ellipsoid, at $lat', (centre) => {
    for (const radius of [5, 300, 2_500, 10_000]) {
      const ring = circlePolygon({ centre, radius }).coordinates[0] ?? []
      for (const [lon, lat] of ring) {
        const error = Math.abs(vincenty(centre, { lon, lat }) - radius)
        expect(error).toBeLessThan(Math.max(0.001, radius * 1e-5))
      }
    }
  })

  it('is a closed ring, counter-clockwise', () => {
    const ring = circlePolygon({ centre: { lon: 104, lat: 30 }, radius: 100 }).coordinates[0] ?? []
    expect(ring).toHaveLength(65)
    expect(ring.at(-1)).toEqual(ring[0])
    const area = ring.slice(1).reduce((sum, [lon, lat], index) => {
      const [west, south] = ring[index] ?? [0, 0]
      return sum + (west - 104) * (lat - 30) - (lon - 104) * (south - 30)
    }, 0)
    expect(area).toBeGreaterThan(0)
  })
})

describe('metresBetween', () => {
  it('agrees with Vincenty to a centimetre over ten kilometres', () => {
    for (const from of PLACES) {
      for (const bearing of [0, 37, 90, 145, 250]) {
        const to = placeAt(from, 10_000, bearing)
        expect(Math.abs(metresBetween(from, to) - vincenty(from, to))).toBeLessThan(0.01)
      }
    }
  })
})
