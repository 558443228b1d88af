import type { LayerDeclaration, LayerName } from '../generated/layers'

const AREA_PAINT: LayerDeclaration['paint'] = [
  { type: 'fill', paint: { 'fill-opacity': 1 }, theme: { light: { 'fill-color': '#eee' }, dark: { 'fill-color': '#111' } } },
]

/** A declared layer for tests; what is not given is harmless. */
export function testLayer(name: LayerName, rest: Partial<LayerDeclaration> = {}): LayerDeclaration {
  return {
    name,
    title: { zh: name, en: name },
    geometry: 'MultiPolygon',
    fields: [],
    read: 'base:read',
    write: 'territory:write',
    create: 'territory:write',
    propose: null,
    scope: 'public',
    group: 'territory',
    paint: AREA_PAINT,
    legend: [],
    min_zoom: 10,
    max_zoom: 16,
    tile_fields: [],
    title_field: null,
    subtitle_field: null,
    form_groups: [],
    time_field: null,
    weights: null,
    visible: true,
    live: true,
    ...rest,
  }
}

export const BUILDINGS = testLayer('buildings', {
  group: 'housing',
  min_zoom: 13,
  paint: [
    ...AREA_PAINT,
    { type: 'line', mode: '2d', paint: { 'line-width': 1 } },
    { type: 'fill-extrusion', mode: '3d', paint: { 'fill-extrusion-color': '#ddd', 'fill-extrusion-height': ['get', 'height'] } },
    { type: 'symbol', paint: {}, layout: { 'text-field': ['get', 'name'], 'text-size': 10 }, minzoom: 16 },
  ],
})

export const INCIDENTS = testLayer('incidents', {
  geometry: 'Point',
  group: 'incidents',
  paint: [{ type: 'circle', paint: { 'circle-radius': 4 } }],
})

export const GRIDS = testLayer('grids', {
  paint: [
    { type: 'line', paint: { 'line-width': 1 } },
    { type: 'symbol', paint: {}, layout: { 'text-size': ['interpolate', ['linear'], ['zoom'], 14, 10, 17, 14] } },
  ],
})

export const ROADS = testLayer('roads', {
  geometry: 'MultiLineString',
  group: 'basemap',
  paint: [
    { type: 'line', paint: { 'line-width': 4 } },
    { type: 'line', paint: { 'line-width': 3 } },
  ],
})

export const PERSONS = testLayer('persons', { geometry: null, visible: false })
