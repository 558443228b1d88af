import { expect, it } from 'vitest'
import { tilesOver } from './tileAddress'

it('finds the tiles over a box', () => {
  expect(tilesOver([117.59, 33.19, 117.591, 33.191], 13)).toEqual([{ z: 13, x: 6771, y: 3294 }])
  expect(tilesOver([-180, -85, 180, 85], 1)).toHaveLength(4)
  expect(tilesOver([-180, -90, 180, 90], 0)).toEqual([{ z: 0, x: 0, y: 0 }])
})
