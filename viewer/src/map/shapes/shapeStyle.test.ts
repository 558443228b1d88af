import { describe, expect, it } from 'vitest'
import type { ShapeCollection } from '../../model/shape'
import { SHAPE_LOOKS } from './shapeLooks'
import { NO_SHAPES, ownerOfStyleLayer, shapeLayers, shapeSources } from './shapeStyle'
import type { ShapeOverlays } from './shapeStyle'

const AREA: ShapeCollection = {
  features: [{ type: 'Feature', geometry: { type: 'Point', coordinates: [1, 2] }, properties: { label: 'A' } }],
}
const OVERLAYS: ShapeOverlays = new Map([
  ['plan/7', { shapes: AREA, look: 'draft' }],
  ['faults', { shapes: AREA, look: 'fault' }],
])

describe('shapes', () => {
  it('have a source for each owner, with what the owner gave', () => {
    const sources = shapeSources(OVERLAYS)
    expect(Object.keys(sources)).toEqual(['shapes/plan/7', 'shapes/faults'])
    expect(sources['shapes/faults']).toMatchObject({ type: 'geojson', data: { features: AREA.features } })
    expect(shapeSources(NO_SHAPES)).toEqual({})
  })

  it('are drawn in the colours of their look and the theme', () => {
    const paintOf = (theme: 'light' | 'dark') =>
      shapeLayers(OVERLAYS, theme, 1).flat.find(({ id }) => id === 'shapes/faults/line')?.paint
    expect(paintOf('light')).toMatchObject({ 'line-color': SHAPE_LOOKS.light.fault.colour })
    expect(paintOf('dark')).toMatchObject({ 'line-color': SHAPE_LOOKS.dark.fault.colour })
  })

  it('are found again by their style layers, each of which has its own name', () => {
    const { flat, points, names } = shapeLayers(OVERLAYS, 'light', 1)
    const ids = [...flat, ...points, ...names].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.map(ownerOfStyleLayer)).toEqual(expect.arrayContaining(['plan/7', 'faults']))
    expect(ownerOfStyleLayer('buildings:0')).toBeNull()
  })
})
