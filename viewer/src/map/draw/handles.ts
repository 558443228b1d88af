import type {
  ExpressionSpecification,
  GeoJSONSource,
  Map as MapLibreMap,
  MapLayerMouseEvent,
  MapLayerTouchEvent,
  MapMouseEvent,
  MapTouchEvent,
} from 'maplibre-gl'
import type { Handle, HandleOptions, Handles } from '../../model/mapPort'
import type { Position } from '../../model/shape'
import { DRAWING } from '../palette'
import { caughtAt } from './caughtAt'
import { DRAW_PREFIX } from './keepDrawing'

const SOURCE = `${DRAW_PREFIX}-handles`
const RING = `${DRAW_PREFIX}-handles-ring`
/** Transparent and wide, so that a finger finds the handle. */
const GRIP = `${DRAW_PREFIX}-handles-grip`
const IS_MIDDLE: ExpressionSpecification = ['==', ['get', 'kind'], 'middle']

type Pointing = MapMouseEvent | MapTouchEvent

function collection(handles: readonly Handle[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: handles.map(({ place, kind }, index) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [...place] },
      properties: { kind, index },
    })),
  }
}

function addTo(map: MapLibreMap, handles: readonly Handle[]): void {
  map.addSource(SOURCE, { type: 'geojson', data: collection(handles) })
  map.addLayer({
    id: RING,
    type: 'circle',
    source: SOURCE,
    layout: { 'circle-sort-key': ['case', IS_MIDDLE, 0, 1] },
    paint: {
      'circle-radius': ['case', IS_MIDDLE, 3.5, 6],
      'circle-color': ['case', IS_MIDDLE, DRAWING.colour, DRAWING.casing],
      'circle-stroke-color': ['case', IS_MIDDLE, DRAWING.casing, DRAWING.colour],
      'circle-stroke-width': ['case', IS_MIDDLE, 1.5, 2.5],
    },
  })
  map.addLayer({ id: GRIP, type: 'circle', source: SOURCE, paint: { 'circle-radius': 12, 'circle-opacity': 0.01 } })
}

function removeFrom(map: MapLibreMap): void {
  for (const layer of [GRIP, RING]) if (map.getLayer(layer)) map.removeLayer(layer)
  if (map.getSource(SOURCE)) map.removeSource(SOURCE)
}

/** Puts handles on the map and tells how they are dragged, until `stop`. */
export function beginHandles(map: MapLibreMap, given: readonly Handle[], options: HandleOptions): Handles {
  let handles = given
  let held: number | null = null
  addTo(map, handles)

  const show = () => map.getSource<GeoJSONSource>(SOURCE)?.setData(collection(handles))

  function indexOf({ features }: MapLayerMouseEvent | MapLayerTouchEvent): number | null {
    const corner = features?.find(({ properties }) => properties.kind === 'corner')
    const index: unknown = (corner ?? features?.[0])?.properties.index
    return typeof index === 'number' ? index : null
  }

  function placeOf({ point, lngLat }: Pointing): Position {
    return caughtAt(map, point, options.snapTo?.() ?? []) ?? [lngLat.lng, lngLat.lat]
  }

  function dragged(event: Pointing): void {
    if (held === null) return
    const to = placeOf(event)
    handles = handles.map((handle, index) => (index === held ? { ...handle, place: to } : handle))
    show()
    options.onDrag(held, to)
  }

  function dropped(event: Pointing): void {
    if (held === null) return
    const index = held
    held = null
    map.dragPan.enable()
    map.getCanvas().style.cursor = ''
    options.onDrop(index, placeOf(event))
  }

  function taken(event: MapLayerMouseEvent | MapLayerTouchEvent): void {
    const isLeft = !('button' in event.originalEvent) || event.originalEvent.button === 0
    const index = indexOf(event)
    if (index === null || !isLeft) return
    event.preventDefault()
    held = index
    map.dragPan.disable()
    map.getCanvas().style.cursor = 'grabbing'
  }

  function removed(event: MapLayerMouseEvent): void {
    const index = indexOf(event)
    if (index === null || handles[index]?.kind !== 'corner') return
    event.preventDefault()
    options.onRemove(index)
  }

  const hover = (cursor: string) => () => {
    if (held === null) map.getCanvas().style.cursor = cursor
  }
  const subscriptions = [
    map.on('mousedown', GRIP, taken),
    map.on('touchstart', GRIP, taken),
    map.on('contextmenu', GRIP, removed),
    map.on('mouseenter', GRIP, hover('grab')),
    map.on('mouseleave', GRIP, hover('')),
    map.on('mousemove', dragged),
    map.on('touchmove', dragged),
    map.on('mouseup', dropped),
    map.on('touchend', dropped),
  ]

  return {
    replace(next) {
      handles = next
      show()
    },
    stop() {
      for (const subscription of subscriptions) subscription.unsubscribe()
      map.dragPan.enable()
      map.getCanvas().style.cursor = ''
      removeFrom(map)
    },
  }
}
