import type { Map as MapLibreMap } from 'maplibre-gl'
import {
  TerraDraw,
  TerraDrawCircleMode,
  TerraDrawLineStringMode,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
  ValidateNotSelfIntersecting,
} from 'terra-draw'
import type { GeoJSONStoreFeatures, SnapToCustom } from 'terra-draw'
import { TerraDrawMapLibreGLAdapter } from 'terra-draw-maplibre-gl-adapter'
import { circlePolygon } from '../../model/circle'
import type { EditOptions, Editing, SnapOptions } from '../../model/mapPort'
import type { Drawn, DrawnGeometry, DrawShape, Position, ShapeCollection } from '../../model/shape'
import { DRAWING } from '../palette'
import { DRAW_PREFIX } from './keepDrawing'
import { caughtAt } from './caughtAt'

/** Nine digits are a tenth of a millimetre; Terra Draw refuses more. */
const PRECISION = 9
const KEYS = { cancel: null, finish: 'Enter' }

const MODE_OF: Readonly<Record<DrawShape, string>> = {
  point: 'point',
  line: 'linestring',
  polygon: 'polygon',
  circle: 'circle',
  rectangle: 'rectangle',
}

const MODE_OF_GEOMETRY: Readonly<Record<DrawnGeometry['type'], string>> = {
  Point: 'point',
  LineString: 'linestring',
  Polygon: 'polygon',
}

const POINT_STYLE = { pointColor: DRAWING.colour, pointOutlineColor: DRAWING.casing, pointOutlineWidth: 2, pointWidth: 6 } as const
const LINE_STYLE = { lineStringColor: DRAWING.colour, lineStringWidth: 3 } as const
const AREA_STYLE = { fillColor: DRAWING.colour, fillOpacity: 0.18, outlineColor: DRAWING.colour, outlineWidth: 2.5 } as const
const SELECTED_STYLE = {
  selectedPointColor: DRAWING.colour,
  selectedLineStringColor: DRAWING.colour,
  selectedLineStringWidth: 3,
  selectedPolygonColor: DRAWING.colour,
  selectedPolygonFillOpacity: 0.18,
  selectedPolygonOutlineColor: DRAWING.colour,
  selectedPolygonOutlineWidth: 2.5,
  selectionPointColor: DRAWING.casing,
  selectionPointOutlineColor: DRAWING.colour,
  selectionPointOutlineWidth: 2.5,
  selectionPointWidth: 6,
  midPointColor: DRAWING.colour,
  midPointOutlineColor: DRAWING.casing,
  midPointWidth: 4,
} as const

function snapping(map: MapLibreMap, { snapTo }: SnapOptions): { toCustom?: SnapToCustom; toCoordinate?: boolean } {
  if (!snapTo) return {}
  const toCustom: SnapToCustom = ({ containerX: x, containerY: y }) => {
    const caught = caughtAt(map, { x, y }, snapTo())
    return caught ? caught.map((degrees) => Number(degrees.toFixed(PRECISION))) : undefined
  }
  return { toCustom }
}

function modes(map: MapLibreMap, options: SnapOptions) {
  const snap = snapping(map, options)
  const validation = (feature: GeoJSONStoreFeatures, { updateType }: { updateType: string }) =>
    updateType === 'finish' || updateType === 'commit' ? ValidateNotSelfIntersecting(feature) : { valid: true }
  const coordinates = { draggable: true, midpoints: true, deletable: true, snappable: snap }
  const flags = { feature: { coordinates } }
  return [
    new TerraDrawPointMode({ styles: POINT_STYLE }),
    new TerraDrawLineStringMode({ styles: LINE_STYLE, keyEvents: KEYS, snapping: snap }),
    new TerraDrawPolygonMode({ styles: AREA_STYLE, keyEvents: KEYS, snapping: snap, validation }),
    new TerraDrawCircleMode({ styles: AREA_STYLE, keyEvents: KEYS, projection: 'globe' }),
    new TerraDrawRectangleMode({ styles: AREA_STYLE, keyEvents: KEYS }),
    new TerraDrawSelectMode({
      styles: SELECTED_STYLE,
      keyEvents: null,
      flags: {
        polygon: { feature: { ...flags.feature, selfIntersectable: false } },
        linestring: flags,
        point: { feature: { draggable: true, coordinates: { snappable: snap } } },
      },
    }),
  ]
}

function started(map: MapLibreMap, options: SnapOptions): TerraDraw {
  let lastId = 0
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map, prefixId: DRAW_PREFIX, coordinatePrecision: PRECISION }),
    modes: modes(map, options),
    idStrategy: { isValidId: (id) => typeof id === 'number', getId: () => (lastId += 1) },
  })
  draw.start()
  return draw
}

/** Terra Draw keeps no centre: of its ring the first corner lies due north of it, the middle one due south. */
function circleOf({ geometry, properties }: GeoJSONStoreFeatures): Drawn['circle'] {
  const ring = geometry.coordinates[0] as unknown as Position[]
  const [north, south] = [ring[0], ring[(ring.length - 1) / 2]]
  if (!north || !south) return null
  const radius = Math.max(1, Math.round(Number(properties.radiusKilometers) * 1_000))
  return { centre: { lon: north[0], lat: (north[1] + south[1]) / 2 }, radius }
}

function drawnOf(feature: GeoJSONStoreFeatures): Drawn {
  const circle = feature.properties.mode === 'circle' ? circleOf(feature) : null
  return { geometry: circle ? circlePolygon(circle) : (feature.geometry as unknown as DrawnGeometry), circle }
}

/** Begins to draw; what comes of it is told once. Returns what takes the drawing off the map. */
export function beginDrawing(
  map: MapLibreMap,
  shape: DrawShape,
  options: SnapOptions,
  tell: { readonly onChange: (sofar: Drawn) => void; readonly onFinish: (drawn: Drawn) => void },
): () => void {
  const draw = started(map, options)
  draw.setMode(MODE_OF[shape])
  draw.on('change', () => {
    const feature = draw.getSnapshot().find(({ properties }) => properties.currentlyDrawing === true)
    if (feature) tell.onChange(drawnOf(feature))
  })
  draw.on('finish', (id) => {
    const feature = draw.getSnapshotFeature(id)
    // Terra Draw is still at work on the feature and cannot be stopped from here.
    if (feature) setTimeout(() => tell.onFinish(drawnOf(feature)))
  })
  map.getCanvas().focus()
  return () => draw.stop()
}

function rounded(coordinates: unknown): unknown {
  if (typeof coordinates === 'number') return Number(coordinates.toFixed(PRECISION))
  return Array.isArray(coordinates) ? coordinates.map(rounded) : coordinates
}

/** Lets the corners of the shapes be dragged until `stop`. Throws RangeError for a shape that cannot be edited. */
export function beginEditing(
  map: MapLibreMap,
  shapes: ShapeCollection<DrawnGeometry>,
  options: EditOptions,
): Editing {
  const draw = started(map, options)
  draw.setMode('select')
  let current = shapes

  function put(next: ShapeCollection<DrawnGeometry>) {
    current = next
    const features = next.features.flatMap(({ geometry }, index) =>
      geometry === null
        ? []
        : [
            {
              type: 'Feature' as const,
              id: index,
              geometry: { type: geometry.type, coordinates: rounded(geometry.coordinates) },
              properties: { mode: MODE_OF_GEOMETRY[geometry.type] },
            } as GeoJSONStoreFeatures,
          ],
    )
    const refused = draw.addFeatures(features).find(({ valid }) => !valid)
    if (refused) throw new RangeError(`A shape cannot be edited: ${refused.reason}`)
    if (features.length === 1 && features[0]?.id !== undefined) draw.selectFeature(features[0].id)
  }

  function now(): ShapeCollection<DrawnGeometry> {
    const features = current.features.map((shape, index) => {
      const geometry = draw.hasFeature(index) ? draw.getSnapshotFeature(index)?.geometry : null
      return { ...shape, geometry: (geometry ?? null) as unknown as DrawnGeometry | null }
    })
    return { features }
  }

  draw.on('change', (ids, type, context) => {
    const isOurs = ids.some((id) => typeof id === 'number' && id < current.features.length)
    const isByHand = !(context && 'origin' in context)
    if (type === 'update' && isOurs && isByHand) options.onChange(now(), false)
  })
  draw.on('finish', () => options.onChange(now(), true))
  put(shapes)
  return {
    replace(next) {
      draw.clear()
      put(next)
    },
    stop: () => draw.stop(),
  }
}
