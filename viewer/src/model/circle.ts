import type { LonLat } from './geography'
import type { Circle, DrawnGeometry, Position } from './shape'

/** WGS 84: semi-major axis in metres and first eccentricity squared. CGCS2000 differs by less than 0.2 mm. */
const SEMI_MAJOR = 6_378_137
const ECCENTRICITY_SQUARED = 6.694_379_990_141_3e-3
const RADIAN = Math.PI / 180
const STEPS = 64

/** Metres for one radian of latitude and of longitude at a latitude in degrees (radii of curvature M and N·cos φ). */
function metresPerRadian(latitude: number): { readonly north: number; readonly east: number } {
  const sine = Math.sin(latitude * RADIAN)
  const w = 1 - ECCENTRICITY_SQUARED * sine * sine
  return {
    north: (SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED)) / (w * Math.sqrt(w)),
    east: (SEMI_MAJOR / Math.sqrt(w)) * Math.cos(latitude * RADIAN),
  }
}

/**
 * Metres between two places on the ellipsoid, by Gauss's mid-latitude formula: good to a centimetre over 10 km,
 * to a metre over 50 km.
 */
export function metresBetween(from: LonLat, to: LonLat): number {
  const scale = metresPerRadian((from.lat + to.lat) / 2)
  return Math.hypot((to.lon - from.lon) * RADIAN * scale.east, (to.lat - from.lat) * RADIAN * scale.north)
}

/** The place a distance in metres away; the bearing in degrees clockwise from north, taken half way. */
export function placeAt(from: LonLat, metres: number, bearing: number): LonLat {
  const north = metres * Math.cos(bearing * RADIAN)
  const east = metres * Math.sin(bearing * RADIAN)
  const first = from.lat + north / metresPerRadian(from.lat).north / RADIAN
  const scale = metresPerRadian((from.lat + first) / 2)
  const lat = from.lat + north / scale.north / RADIAN
  const middle = metresPerRadian((from.lat + lat) / 2)
  return { lon: from.lon + east / middle.east / RADIAN, lat }
}

/** The circle as a closed ring, counter-clockwise from the south, EPSG:4326. */
export function circlePolygon({ centre, radius }: Circle): DrawnGeometry & { type: 'Polygon' } {
  const ring = Array.from({ length: STEPS }, (_, step): Position => {
    const { lon, lat } = placeAt(centre, radius, 180 - (step * 360) / STEPS)
    return [lon, lat]
  })
  return { type: 'Polygon', coordinates: [[...ring, ring[0] as Position]] }
}
