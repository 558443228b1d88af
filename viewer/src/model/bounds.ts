import type { Bounds, LonLat } from './geography'

/** GeoJSON geometry with coordinates, EPSG:4326, longitude first. */
export interface Geometry {
  readonly type: string
  readonly coordinates: unknown
}

function* positions(coordinates: unknown): Generator<readonly [number, number]> {
  if (!Array.isArray(coordinates)) return
  const [first, second] = coordinates as readonly unknown[]
  if (typeof first === 'number' && typeof second === 'number') yield [first, second]
  else for (const part of coordinates) yield* positions(part)
}

/** The box round a geometry; null for none or an empty one. */
export function boundsOf(geometry: Geometry | null): Bounds | null {
  let box: [number, number, number, number] | null = null
  for (const [lon, lat] of positions(geometry?.coordinates)) {
    box ??= [lon, lat, lon, lat]
    box = [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)]
  }
  return box
}

export function centreOf([west, south, east, north]: Bounds): LonLat {
  return { lon: (west + east) / 2, lat: (south + north) / 2 }
}

/** The box grown by the share of its size on every side. */
export function grown([west, south, east, north]: Bounds, share: number): Bounds {
  const width = (east - west) * share
  const height = (north - south) * share
  return [west - width, south - height, east + width, north + height]
}
