import type { GeoJSONSourceSpecification, LayerSpecification } from 'maplibre-gl'
import type { ShapeClick } from '../../model/mapPort'
import type { ShapeCollection, ShapeLook } from '../../model/shape'
import type { Theme } from '../../stores/appearance'
import { PALETTES } from '../palette'
import { SHAPE_LOOKS } from './shapeLooks'

/** The shapes of one owner. */
export interface ShapeOverlay {
  readonly shapes: ShapeCollection
  readonly look: ShapeLook
  readonly onClick?: ShapeClick | undefined
}

/** The shapes on the map by their owner; later owners are drawn above. */
export type ShapeOverlays = ReadonlyMap<string, ShapeOverlay>

export const NO_SHAPES: ShapeOverlays = new Map()

const PREFIX = 'shapes/'
const IS_STRONG = ['==', ['get', 'strong'], true]
const HAS_LABEL = ['has', 'label']

function isOf(kind: 'Point' | 'LineString' | 'Polygon'): unknown[] {
  return ['==', ['geometry-type'], kind]
}

function heavier(width: number, by: number): unknown[] {
  return ['case', IS_STRONG, width + by, width]
}

/** Whose shapes a style layer draws; null for a layer that draws no shapes. */
export function ownerOfStyleLayer(id: string): string | null {
  return id.startsWith(PREFIX) ? id.slice(PREFIX.length, id.lastIndexOf('/')) : null
}

/** A source for each owner. The id of a feature in it is its place in the collection. */
export function shapeSources(overlays: ShapeOverlays): Record<string, GeoJSONSourceSpecification> {
  const sources = [...overlays].map(([owner, { shapes }]) => {
    const data = { type: 'FeatureCollection', features: shapes.features } as unknown as GeoJSON.FeatureCollection
    return [PREFIX + owner, { type: 'geojson', data, generateId: true } satisfies GeoJSONSourceSpecification] as const
  })
  return Object.fromEntries(sources)
}

function flatLayers(look: ShapeLook, theme: Theme): object[] {
  const { colour, fillOpacity, lineWidth, dash } = SHAPE_LOOKS[theme][look]
  const round = { 'line-join': 'round', 'line-cap': dash ? 'butt' : 'round' }
  return [
    {
      id: 'fill',
      type: 'fill',
      filter: isOf('Polygon'),
      paint: { 'fill-color': colour, 'fill-opacity': ['case', IS_STRONG, fillOpacity + 0.16, fillOpacity] },
    },
    {
      id: 'casing',
      type: 'line',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      filter: ['!', isOf('Point')],
      paint: { 'line-color': PALETTES[theme].casing, 'line-opacity': 0.75, 'line-width': heavier(lineWidth + 2, 1.5) },
    },
    {
      id: 'line',
      type: 'line',
      layout: round,
      filter: ['!', isOf('Point')],
      paint: {
        'line-color': colour,
        'line-width': heavier(lineWidth, 1.5),
        ...(dash ? { 'line-dasharray': [...dash] } : {}),
      },
    },
  ]
}

function pointLayer(look: ShapeLook, theme: Theme): object {
  return {
    id: 'point',
    type: 'circle',
    filter: isOf('Point'),
    paint: {
      'circle-radius': heavier(5, 2),
      'circle-color': SHAPE_LOOKS[theme][look].colour,
      'circle-stroke-color': PALETTES[theme].casing,
      'circle-stroke-width': 1.5,
    },
  }
}

function labelLayer(look: ShapeLook, theme: Theme, textScale: number): object {
  return {
    id: 'label',
    type: 'symbol',
    filter: HAS_LABEL,
    layout: {
      'text-field': ['to-string', ['get', 'label']],
      'text-font': ['Noto Sans CJK SC', 'sans-serif'],
      'text-size': 13 * textScale,
      'text-variable-anchor': ['center', 'top', 'bottom'],
      'text-radial-offset': 0.8,
    },
    paint: {
      'text-color': SHAPE_LOOKS[theme][look].colour,
      'text-halo-color': PALETTES[theme].casing,
      'text-halo-width': 1.8,
    },
  }
}

/** The style layers that draw the shapes: on the ground, as points, as names. */
export function shapeLayers(overlays: ShapeOverlays, theme: Theme, textScale: number) {
  const made = (layersOf: (look: ShapeLook) => object[]) =>
    [...overlays].flatMap(([owner, { look }]) =>
      layersOf(look).map((layer) => {
        const id = 'id' in layer ? String(layer.id) : ''
        return { ...layer, id: `${PREFIX}${owner}/${id}`, source: PREFIX + owner } as LayerSpecification
      }),
    )
  return {
    flat: made((look) => flatLayers(look, theme)),
    points: made((look) => [pointLayer(look, theme)]),
    names: made((look) => [labelLayer(look, theme, textScale)]),
  }
}
