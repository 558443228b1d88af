import { describe, expect, it } from 'vitest'
import { buildStyle, layerOfStyleLayer, styleLayerId } from './buildStyle'
import type { StyleInput } from './buildStyle'
import { NO_LIGHTS } from './highlightLayers'
import { NO_SHAPES } from './shapes/shapeStyle'
import { BUILDINGS, GRIDS, INCIDENTS, PERSONS, ROADS } from './testLayers'

const INPUT: StyleInput = {
  layers: [ROADS, BUILDINGS, INCIDENTS, GRIDS, PERSONS],
  visible: new Set(['grids', 'roads', 'buildings', 'incidents']),
  theme: 'light',
  mode: '2d',
  lights: NO_LIGHTS,
  shapes: NO_SHAPES,
  dress: null,
  opened: null,
  textScale: 1,
  origin: 'http://localhost',
}

const build = (change: Partial<StyleInput> = {}) => buildStyle({ ...INPUT, ...change })
const ids = (change: Partial<StyleInput> = {}) => build(change).layers.map((layer) => layer.id)
const layerOf = (id: string, change: Partial<StyleInput> = {}) =>
  build(change).layers.find((layer) => layer.id === id)

describe('buildStyle', () => {
  it('draws what is flat, then points, then names, each in the order of the catalogue', () => {
    expect(ids()).toEqual([
      'ground',
      'roads:0',
      'roads:1',
      'buildings:0',
      'buildings:1',
      'grids:0',
      'below-blocks',
      'incidents:0',
      'below-names',
      'buildings:3',
      'grids:1',
    ])
  })

  it('asks this origin only, and names no glyphs', () => {
    const style = build()
    expect(style.glyphs).toBeUndefined()
    expect(style.sprite).toBeUndefined()
    for (const source of Object.values(style.sources)) {
      expect(source).toMatchObject({ type: 'vector' })
      expect('tiles' in source && source.tiles?.[0]).toMatch(/^http:\/\/localhost\/tiles\/[a-z_,]+\/\{z\}\/\{x\}\/\{y\}$/)
    }
  })

  it('raises buildings in 3D only', () => {
    expect(ids()).not.toContain('buildings:2')
    expect(ids({ mode: '3d' })).toContain('buildings:2')
    expect(ids({ mode: '3d' })).not.toContain('buildings:1')
  })

  it('hides what is turned off', () => {
    expect(layerOf('roads:0')?.layout).toMatchObject({ visibility: 'visible' })
    expect(layerOf('roads:0', { visible: new Set() })?.layout).toMatchObject({ visibility: 'none' })
  })

  it('wears the dress of the theme', () => {
    expect(layerOf('buildings:0')?.paint).toEqual({ 'fill-opacity': 1, 'fill-color': '#eee' })
    expect(layerOf('buildings:0', { theme: 'dark' })?.paint).toEqual({ 'fill-opacity': 1, 'fill-color': '#111' })
  })

  it('starts no earlier than the layer has tiles', () => {
    expect(layerOf('buildings:0')?.minzoom).toBe(13)
    expect(layerOf('buildings:3')?.minzoom).toBe(16)
  })

  it('names an area once, in the tile that holds its middle', () => {
    expect(layerOf('buildings:3')).toMatchObject({ filter: ['!=', ['get', 'label_here'], false] })
    expect(layerOf('roads:0')).not.toHaveProperty('filter')
  })

  it('makes names larger on a wall', () => {
    expect(layerOf('buildings:3', { textScale: 1.2 })?.layout).toMatchObject({ 'text-size': 12 })
    expect(layerOf('grids:1', { textScale: 2 })?.layout).toMatchObject({
      'text-size': ['interpolate', ['linear'], ['zoom'], 14, 20, 17, 28],
    })
  })

  it('lights up a selected building on the ground and as a block', () => {
    const lights = { selected: { layer: 'buildings', ids: [7] }, found: null } as const
    expect(ids({ lights })).toEqual(
      expect.arrayContaining(['light-selected-fill', 'light-selected-casing', 'light-selected-line']),
    )
    expect(layerOf('light-selected-line', { lights })).toMatchObject({
      'source-layer': 'buildings',
      filter: ['in', ['id'], ['literal', [7]]],
    })
    expect(layerOf('buildings:2', { lights, mode: '3d' })?.paint).toMatchObject({
      'fill-extrusion-color': ['case', ['in', ['id'], ['literal', [7]]], '#0b62e6', '#ddd'],
    })
  })

  it('dresses buildings in the colours chosen, as blocks and on the ground, and nothing else', () => {
    const colours = { by: 'age', field: 'built_year', classes: [{ code: null, from: 1800, count: 1 }], without: 0, buildings: 1 } as const
    const dress = { colours, emphasis: null }
    for (const id of ['buildings:0', 'buildings:2']) {
      expect(JSON.stringify(layerOf(id, { dress, mode: '3d' })?.paint)).toContain('built_year')
    }
    expect(layerOf('grids:0', { dress })).toEqual(layerOf('grids:0'))
  })

  it('takes away the block of a building that stands open and lets the others step back', () => {
    const block = layerOf('buildings:2', { mode: '3d', opened: 7 })
    expect(block).toMatchObject({ filter: ['!', ['in', ['id'], ['literal', [7]]]] })
    expect(block?.paint).toMatchObject({ 'fill-extrusion-opacity': 0.42 })
    expect(layerOf('buildings:0', { opened: 7 })).not.toHaveProperty('filter')
  })

  it('lights up a point above all points and below names', () => {
    const lights = { selected: { layer: 'incidents', ids: [3] }, found: null } as const
    const order = ids({ lights })
    expect(order.indexOf('light-selected-ring')).toBeGreaterThan(order.indexOf('incidents:0'))
    expect(order.indexOf('light-selected-dot')).toBeLessThan(order.indexOf('buildings:3'))
  })

  it('lights up nothing for a layer without geometry or one that may not be read', () => {
    expect(ids({ lights: { selected: { layer: 'persons', ids: [3] }, found: null } })).toEqual(ids())
    expect(ids({ lights: { selected: { layer: 'cameras', ids: [3] }, found: null } })).toEqual(ids())
  })

  it('has each id once', () => {
    const lights = { selected: { layer: 'buildings', ids: [7] }, found: { layer: 'buildings', ids: [8, 9] } } as const
    const all = ids({ lights, mode: '3d' })
    expect(new Set(all).size).toBe(all.length)
  })
})

describe('layerOfStyleLayer', () => {
  it('finds the layer again, and none for ground and lights', () => {
    expect(layerOfStyleLayer(styleLayerId('key_sites', 3))).toBe('key_sites')
    expect(layerOfStyleLayer('ground')).toBeNull()
    expect(layerOfStyleLayer('light-selected-fill')).toBeNull()
  })
})
