import { describe, expect, it } from 'vitest'
import { BUILDINGS, INCIDENTS, PERSONS, ROADS, testLayer } from './testLayers'
import { sourceOf, tileSources } from './tileSources'

const COMPOUNDS = testLayer('compounds', { group: 'housing', min_zoom: 11 })
const CAMERAS = testLayer('cameras', { group: 'places', geometry: 'Point', visible: false })
const COMPONENTS = testLayer('components', { group: 'places', geometry: 'Point', visible: false })

describe('tileSources', () => {
  const sources = tileSources([ROADS, COMPOUNDS, BUILDINGS, PERSONS, CAMERAS, COMPONENTS, INCIDENTS])

  it('sends layers shown from the start together with their group, the others alone', () => {
    expect(sources.map((source) => source.id)).toEqual([
      'roads',
      'compounds,buildings',
      'cameras',
      'components',
      'incidents',
    ])
  })

  it('spans the zoom levels of all its layers', () => {
    expect(sourceOf(sources, 'buildings')).toMatchObject({ minZoom: 11, maxZoom: 16 })
  })

  it('has none for a layer without geometry', () => {
    expect(sourceOf(sources, 'persons')).toBeUndefined()
  })

  it('keeps layers with other tile depths apart', () => {
    const deep = testLayer('entrances', { group: 'housing', max_zoom: 18 })
    expect(tileSources([BUILDINGS, deep])).toHaveLength(2)
  })
})
