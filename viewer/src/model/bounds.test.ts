import { expect, it } from 'vitest'
import { boundsOf, centreOf, grown } from './bounds'

it('boxes every kind of geometry', () => {
  expect(boundsOf({ type: 'Point', coordinates: [120, 30] })).toEqual([120, 30, 120, 30])
  const square = [[[0, 0], [2, 0], [2, 4], [0, 0]]]
  expect(boundsOf({ type: 'MultiPolygon', coordinates: [square, [[[5, -1]]]] })).toEqual([0, -1, 5, 4])
})

it('has no box for nothing', () => {
  expect(boundsOf(null)).toBeNull()
  expect(boundsOf({ type: 'MultiPolygon', coordinates: [] })).toBeNull()
})

it('finds the centre and grows', () => {
  expect(centreOf([0, 0, 2, 4])).toEqual({ lon: 1, lat: 2 })
  expect(grown([0, 0, 2, 4], 0.5)).toEqual([-1, -2, 3, 6])
})
