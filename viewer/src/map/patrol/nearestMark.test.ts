import { LngLat, Point } from 'maplibre-gl'
import type { LngLatLike, PointLike } from 'maplibre-gl'
import { describe, expect, it } from 'vitest'
import { nearestMark } from './nearestMark'

const PIXELS = 1_000

/** A screen on which a degree has a thousand pixels, north up. */
const screen = {
  project: (place: LngLatLike) => {
    const { lng, lat } = LngLat.convert(place)
    return new Point(lng * PIXELS, -lat * PIXELS)
  },
  unproject: (point: PointLike) => {
    const { x, y } = Point.convert(point)
    return new LngLat(x / PIXELS, -y / PIXELS)
  },
}
const mark = (name: string, x: number, y: number, radius = 6) => ({ name, position: [x / PIXELS, -y / PIXELS] as const, radius })

describe('nearestMark', () => {
  const marks = [mark('left', 100, 100), mark('right', 112, 100), mark('large', 300, 100, 20)]
  const nameAt = (x: number, y: number) => nearestMark(screen, marks, { x, y })?.name ?? null

  it('finds the one under the pointer, with a little tolerance', () => {
    expect(nameAt(96, 103)).toBe('left')
    expect(nameAt(91, 100)).toBe('left')
    expect(nameAt(89, 100)).toBeNull()
  })

  it('takes the nearest of two', () => {
    expect(nameAt(105, 100)).toBe('left')
    expect(nameAt(107, 100)).toBe('right')
  })

  it('knows how large each is', () => {
    expect(nameAt(322, 100)).toBe('large')
    expect(nameAt(318, 118)).toBeNull()
  })

  it('finds nothing where there is nothing', () => {
    expect(nearestMark(screen, [], { x: 0, y: 0 })).toBeNull()
    expect(nameAt(600, 600)).toBeNull()
  })
})
