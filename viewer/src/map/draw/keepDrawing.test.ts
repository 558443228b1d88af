import type { StyleSpecification } from 'maplibre-gl'
import { expect, it } from 'vitest'
import { keepDrawing } from './keepDrawing'

const style = (...ids: string[]): StyleSpecification => ({
  version: 8,
  sources: Object.fromEntries(ids.map((id) => [id, { type: 'geojson', data: { type: 'FeatureCollection', features: [] } }])),
  layers: ids.map((id) => ({ id, type: 'line', source: id })),
})

it('keeps what is being drawn on top of the next style, and nothing else of the one before', () => {
  const kept = keepDrawing(style('old', 'drawing-polygon'), style('new'))
  expect(kept.layers.map(({ id }) => id)).toEqual(['new', 'drawing-polygon'])
  expect(Object.keys(kept.sources)).toEqual(['new', 'drawing-polygon'])
})

it('changes nothing where there was no style', () => {
  const next = style('new')
  expect(keepDrawing(undefined, next)).toBe(next)
})
