import type { Map as MapLibreMap, PointLike } from 'maplibre-gl'
import type { ScreenPoint } from '../deckOverlay'

/** Where places stand on the screen. */
type Screen = Pick<MapLibreMap, 'project' | 'unproject'>

/** A round mark on the map: place in EPSG:4326, radius in pixels. */
export interface Mark {
  readonly position: readonly [number, number]
  readonly radius: number
}

/** Pixels beside a mark that still count as on it. */
const TOLERANCE = 4

/**
 * The mark at a place on the screen, the nearest where there are several; null for none. Reckoned, not read back from
 * the graphics card, which would hold up everything until all that is being drawn is done.
 */
export function nearestMark<M extends Mark>(map: Screen, marks: readonly M[], point: ScreenPoint): M | null {
  const largest = marks.reduce((radius, mark) => Math.max(radius, mark.radius), 0) + TOLERANCE
  const isNear = boxAround(map, point, largest)
  let [nearest, least]: [M | null, number] = [null, Infinity]
  for (const mark of marks) {
    if (!isNear(mark.position)) continue
    const { x, y } = map.project([...mark.position])
    const distance = Math.hypot(x - point.x, y - point.y)
    if (distance <= mark.radius + TOLERANCE && distance < least) [nearest, least] = [mark, distance]
  }
  return nearest
}

/** Whether a place may lie within so many pixels of a point: most do not, and are not projected. */
function boxAround(map: Screen, { x, y }: ScreenPoint, pixels: number) {
  const corners: PointLike[] = [
    [x - pixels, y - pixels],
    [x + pixels, y - pixels],
    [x - pixels, y + pixels],
    [x + pixels, y + pixels],
  ]
  const places = corners.map((corner) => map.unproject(corner))
  const [lon, lat] = [places.map(({ lng }) => lng), places.map((place) => place.lat)]
  const [west, east, south, north] = [Math.min(...lon), Math.max(...lon), Math.min(...lat), Math.max(...lat)]
  return ([longitude, latitude]: readonly [number, number]) =>
    longitude >= west && longitude <= east && latitude >= south && latitude <= north
}
