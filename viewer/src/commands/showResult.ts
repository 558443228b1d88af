import { boundsOf, grown } from '../model/bounds'
import type { Bounds } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { MOST_SHAPES, shapesOf } from '../model/analysis/result'
import type { ResultFeature } from '../model/analysis/result'
import type { Geometry } from '../model/bounds'
import type { Shape, ShapeLook } from '../model/shape'

const OWNER = 'analysis'
const CHOSEN = `${OWNER}-chosen`
const INPUT = `${OWNER}-input`
/** What is drawn first lies below. */
const LOOKS: readonly ShapeLook[] = ['hidden', 'fall2', 'fall1', 'same', 'rise1', 'rise2', 'step1', 'step2', 'step3', 'step4', 'step5', 'beside', 'result']
const MARGIN = 0.1

const ownerOf = (look: ShapeLook) => `${OWNER}-${look}`

function boundsOfAll(features: readonly ResultFeature[]): Bounds | null {
  const boxes = features.slice(0, MOST_SHAPES).flatMap(({ geometry }) => boundsOf(geometry) ?? [])
  const corners = Array.from({ length: boxes.length / 2 }, (_, at) => [boxes[2 * at], boxes[2 * at + 1]])
  return boundsOf({ type: 'MultiPoint', coordinates: corners })
}

/** Goes to a result. */
export function goToResult(port: MapPort, features: readonly ResultFeature[]): void {
  const bounds = boundsOfAll(features)
  if (bounds) port.fitBounds(grown(bounds, MARGIN))
}

/** Draws a result coloured by one of its figures; a click on a shape is told by its place in the result. */
export function paintResult(port: MapPort, features: readonly ResultFeature[], figure: string, onClick: (index: number) => void): void {
  const shapes = shapesOf(features, figure)
  const click = ({ properties }: Shape) => onClick(Number(properties?.index))
  for (const look of LOOKS) {
    const found = shapes.get(look)
    port.shapes(ownerOf(look), found ? { features: found } : null, look, click)
  }
}

/** The borders of an area, so that its colour stays what it is; other geometries as they are. */
function outlineOf(geometry: Geometry): Geometry {
  if (geometry.type === 'Polygon') return { type: 'MultiLineString', coordinates: geometry.coordinates }
  if (geometry.type === 'MultiPolygon') return { type: 'MultiLineString', coordinates: (geometry.coordinates as unknown[][]).flat() }
  return geometry
}

/** Marks one feature of a result and, where asked to, goes to it. */
export function chooseInResult(port: MapPort, feature: ResultFeature | null, going: boolean): void {
  const geometry = feature?.geometry ?? null
  const shape = geometry && { type: 'Feature' as const, geometry: outlineOf(geometry), properties: { strong: true } }
  port.shapes(CHOSEN, shape && { features: [shape] }, 'zone')
  const bounds = going ? boundsOf(geometry) : null
  if (bounds) port.fitBounds(grown(bounds, 1))
}

/** Takes a result off the map. */
export function clearResult(port: MapPort): void {
  for (const look of LOOKS) port.shapes(ownerOf(look), null)
  port.shapes(CHOSEN, null)
}

/** Shows the shapes that will be sent; none takes them away. */
export function showSent(port: MapPort, geometries: readonly Geometry[]): void {
  const features = geometries.map((geometry) => ({ type: 'Feature' as const, geometry, properties: null }))
  port.shapes(INPUT, features.length > 0 ? { features } : null, 'source')
}
