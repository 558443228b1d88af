import type { Position } from '../../model/shape'

/** A place on the screen in pixels. */
export interface Pixel {
  readonly x: number
  readonly y: number
}

type Project = (position: Position) => Pixel

interface Catch {
  readonly position: Position
  readonly distance: number
}

const between = (from: number, to: number, share: number) => from + (to - from) * share

function onSegment(pointer: Pixel, start: Position, end: Position, project: Project): Catch {
  const a = project(start)
  const b = project(end)
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length = dx * dx + dy * dy
  const along = length === 0 ? 0 : ((pointer.x - a.x) * dx + (pointer.y - a.y) * dy) / length
  const share = Math.min(1, Math.max(0, along))
  return {
    position: [between(start[0], end[0], share), between(start[1], end[1], share)],
    distance: Math.hypot(pointer.x - between(a.x, b.x, share), pointer.y - between(a.y, b.y, share)),
  }
}

function nearest(catches: readonly Catch[], reach: number): Position | null {
  const near = catches.filter(({ distance }) => distance <= reach)
  return near.sort((a, b) => a.distance - b.distance)[0]?.position ?? null
}

/**
 * Where a pointer is caught by lines: at the nearest corner within reach, else at the nearest point of an edge
 * within reach, else nowhere.
 */
export function snapToLines(
  pointer: Pixel,
  lines: readonly (readonly Position[])[],
  project: Project,
  reach: number,
): Position | null {
  const corners = lines.flat().map((position): Catch => {
    const { x, y } = project(position)
    return { position, distance: Math.hypot(pointer.x - x, pointer.y - y) }
  })
  const corner = nearest(corners, reach)
  if (corner) return corner
  const edges = lines.flatMap((line) =>
    line.slice(1).map((end, index) => onSegment(pointer, line[index] as Position, end, project)),
  )
  return nearest(edges, reach)
}

/** The lines and rings of a geometry; a point has none. */
export function linesOf(geometry: GeoJSON.Geometry): Position[][] {
  switch (geometry.type) {
    case 'LineString':
      return [geometry.coordinates as unknown as Position[]]
    case 'MultiLineString':
    case 'Polygon':
      return geometry.coordinates as unknown as Position[][]
    case 'MultiPolygon':
      return geometry.coordinates.flat() as unknown as Position[][]
    default:
      return []
  }
}
