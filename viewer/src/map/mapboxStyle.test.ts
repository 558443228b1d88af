import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import type { StyleSpecification } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import { LAYERS } from '../generated/layers'
import served from '../generated/mapboxStyle.json'
import { BELOW, buildStyle } from './buildStyle'
import { NO_LIGHTS } from './highlightLayers'
import { NO_SHAPES } from './shapes/shapeStyle'

const SERVED = served as unknown as StyleSpecification
const ANCHORS: readonly string[] = Object.values(BELOW)

const own = buildStyle({
  layers: LAYERS,
  visible: new Set(LAYERS.filter((layer) => layer.visible).map((layer) => layer.name)),
  theme: 'light',
  mode: '2d',
  lights: NO_LIGHTS,
  shapes: NO_SHAPES,
  dress: null,
  opened: null,
  textScale: 1,
  origin: '',
})

/** The state `now` as a number: other clients know no state. */
function atMoment(words: unknown): unknown {
  if (Array.isArray(words)) {
    return words[0] === 'global-state' && words[1] === 'now' ? 0 : words.map(atMoment)
  }
  if (typeof words !== 'object' || words === null) return words
  return Object.fromEntries(Object.entries(words).map(([name, value]) => [name, atMoment(value)]))
}

describe('the style that other clients get', () => {
  it('draws what the viewer draws, layer by layer in the same order', () => {
    const drawn = own.layers.filter((layer) => !ANCHORS.includes(layer.id))
    expect(SERVED.layers).toEqual(drawn.map(atMoment))
  })

  it('takes its tiles together as the viewer does', () => {
    expect(SERVED.sources).toEqual(
      Object.fromEntries(Object.entries(own.sources).filter(([, source]) => source.type === 'vector')),
    )
  })

  it('is a valid style that asks for no fonts or pictures', () => {
    expect(validateStyleMin(SERVED)).toEqual([])
    expect(SERVED.glyphs).toBeUndefined()
    expect(SERVED.sprite).toBeUndefined()
  })
})
