import type { LayerName } from '../generated/layers'

/** A place on the ground, EPSG:4326 degrees. */
export interface LonLat {
  readonly lon: number
  readonly lat: number
}

/** West, south, east, north in EPSG:4326 degrees. */
export type Bounds = readonly [number, number, number, number]

/** Names one feature of one layer. */
export interface FeatureReference {
  readonly layer: LayerName
  readonly id: number
}

/** Where the camera stands: centre in degrees, zoom level, bearing and pitch in degrees. */
export interface CameraView extends LonLat {
  readonly zoom: number
  readonly bearing: number
  readonly pitch: number
}

export type MapMode = '2d' | '3d'

/** True if both name the same feature (or both name none). */
export function isSameFeature(a: FeatureReference | null, b: FeatureReference | null): boolean {
  return a === b || (a !== null && b !== null && a.layer === b.layer && a.id === b.id)
}

/** The same place written with six decimals (about 0.1 m), longitude first. */
export function formatLonLat({ lon, lat }: LonLat): string {
  return `${lon.toFixed(6)}, ${lat.toFixed(6)}`
}
