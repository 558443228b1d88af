import type { LayerSpecification } from 'maplibre-gl'
import type { LayerDeclaration } from '../generated/layers'
import type { HighlightTarget } from '../model/mapPort'
import type { MapPalette } from './palette'

/** What is lit: the selected feature and those found beside it. */
export interface Lights {
  readonly selected: HighlightTarget | null
  readonly found: HighlightTarget | null
}

export const NO_LIGHTS: Lights = { selected: null, found: null }

/** An expression that holds for the features of these ids. */
export function isOneOf(ids: readonly number[]): unknown[] {
  return ['in', ['id'], ['literal', [...ids]]]
}

function pointLayers(id: string, colour: string, casing: string): object[] {
  return [
    {
      id: `${id}-ring`,
      type: 'circle',
      paint: {
        'circle-radius': 11,
        'circle-color': colour,
        'circle-opacity': 0.25,
        'circle-stroke-color': colour,
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: `${id}-dot`,
      type: 'circle',
      paint: {
        'circle-radius': 4.5,
        'circle-color': colour,
        'circle-stroke-color': casing,
        'circle-stroke-width': 1.5,
      },
    },
  ]
}

function outlineLayers(id: string, colour: string, casing: string): object[] {
  const layout = { 'line-join': 'round', 'line-cap': 'round' }
  return [
    { id: `${id}-casing`, type: 'line', layout, paint: { 'line-color': casing, 'line-width': 5.5 } },
    { id: `${id}-line`, type: 'line', layout, paint: { 'line-color': colour, 'line-width': 2.8 } },
  ]
}

function lightLayers(id: string, layer: LayerDeclaration, colour: string, casing: string): object[] {
  if (layer.geometry === 'Point') return pointLayers(id, colour, casing)
  const outline = outlineLayers(id, colour, casing)
  if (layer.geometry === 'LineString' || layer.geometry === 'MultiLineString') return outline
  const wash = layer.name === 'buildings' ? 0.32 : 0.12
  return [
    { id: `${id}-fill`, type: 'fill', paint: { 'fill-color': colour, 'fill-opacity': wash } },
    ...outline,
  ]
}

/** The style layers that light up a target; none for a layer without geometry. */
export function highlightLayers(
  name: 'selected' | 'found',
  target: HighlightTarget,
  layer: LayerDeclaration,
  source: string,
  palette: MapPalette,
): LayerSpecification[] {
  if (layer.geometry === null || target.ids.length === 0) return []
  const drawn = lightLayers(`light-${name}`, layer, palette[name], palette.casing)
  return drawn.map(
    (style) =>
      ({ ...style, source, 'source-layer': layer.name, filter: isOneOf(target.ids) }) as LayerSpecification,
  )
}
