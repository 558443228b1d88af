import { describe, expect, it } from 'vitest'
import { pick } from './pick'
import { BUILDINGS, GRIDS, INCIDENTS, ROADS, testLayer } from './testLayers'

const COMPOUND = { layer: testLayer('compounds'), id: 4 }
const GRID = { layer: GRIDS, id: 3 }
const ROAD = { layer: ROADS, id: 5 }
const BUILDING = { layer: BUILDINGS, id: 2 }
const INCIDENT = { layer: INCIDENTS, id: 1 }

describe('pick', () => {
  it('means a point before a building, a building before what lies under it', () => {
    expect(pick([GRID, BUILDING, INCIDENT])).toEqual({ layer: 'incidents', id: 1 })
    expect(pick([GRID, COMPOUND, BUILDING])).toEqual({ layer: 'buildings', id: 2 })
    expect(pick([GRID, ROAD])).toEqual({ layer: 'roads', id: 5 })
    expect(pick([GRID])).toEqual({ layer: 'grids', id: 3 })
  })

  it('takes the topmost of several of one layer', () => {
    expect(pick([BUILDING, { ...BUILDING, id: 9 }])).toEqual({ layer: 'buildings', id: 2 })
  })

  it('means nothing where there is nothing', () => {
    expect(pick([])).toBeNull()
  })
})
