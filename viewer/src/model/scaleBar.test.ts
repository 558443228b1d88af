import { describe, expect, it } from 'vitest'
import { formatLength, metresPerPixel, scaleBar } from './scaleBar'

describe('scaleBar', () => {
  it('knows the size of a pixel at the equator', () => {
    expect(metresPerPixel(0, 0)).toBeCloseTo(78271.517, 2)
    expect(metresPerPixel(60, 0)).toBeCloseTo(78271.517 / 2, 2)
  })

  it.each([10, 12.3, 15, 17.8, 21])('takes a round length that fits at zoom %d', (zoom) => {
    const bar = scaleBar(31.1, zoom, 110)
    expect(bar.widthPx).toBeLessThanOrEqual(110)
    expect(bar.widthPx).toBeGreaterThan(110 / 2.6)
    expect([1, 2, 5]).toContain(Number(bar.metres.toExponential().split('e')[0]))
  })

  it('says metres below a kilometre', () => {
    expect(formatLength(500)).toBe('500 m')
    expect(formatLength(2000)).toBe('2 km')
  })
})
