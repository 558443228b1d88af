import type { HeatSurface } from '../model/heat/surface'
import type { Geometry } from '../model/bounds'
import type { FeatureCollection } from './features'
import { api, withQuery } from './client'
import type { QueryValue } from './client'

export type HeatQuery = Readonly<Record<string, QueryValue>>

/** One zone as found; `change` is a share of the count before, null when there was none. */
export interface HotZone {
  readonly number: number
  readonly incidents: number
  readonly incidents_before: number
  readonly change: number | null
  readonly is_significant: boolean
  readonly residents: number | null
  /** Incidents per 1,000 residents. */
  readonly rate: number | null
  /** Square metres. */
  readonly ground: number
  readonly categories: readonly { readonly code: string; readonly count: number }[]
  readonly area_code: string
}

export interface HotZoneFeature {
  readonly type: 'Feature'
  readonly id: number
  readonly geometry: Geometry
  readonly properties: HotZone
}

export interface HotZonesToKeep {
  readonly name: string
  readonly datetime: string
  readonly reach: number
  readonly least: number
  readonly area?: string
  readonly where?: Readonly<Record<string, readonly string[]>>
}

export interface PageQuery {
  readonly limit?: number
  readonly after?: string | null
}

export const getHeat = (query: HeatQuery, signal?: AbortSignal) =>
  api.get<HeatSurface>('/api/heat', { query, signal })

/** Where the browser fetches the surface as a GeoTIFF. */
export const heatRasterAddress = (query: HeatQuery, crs: string) => withQuery('/api/heat.tif', { ...query, crs })

/** Places within the radius of a point, in degrees EPSG:4326. */
export const getHeatRows = (query: HeatQuery, page: PageQuery, signal?: AbortSignal) =>
  api.get<FeatureCollection>('/api/heat/rows', { query: { ...query, ...page }, signal })

export async function getHotZones(query: HeatQuery, signal?: AbortSignal) {
  return (await api.get<{ readonly features: readonly HotZoneFeature[] }>('/api/heat/zones', { query, signal })).features
}

/** Incidents of the zone of that number among those the query finds. */
export const getHotZoneRows = (query: HeatQuery, page: PageQuery, signal?: AbortSignal) =>
  api.get<FeatureCollection>('/api/heat/zones/rows', { query: { ...query, ...page }, signal })

/** Keeps the zones; the ids of the features of the layer `hot_zones`. */
export const keepHotZones = async (zones: HotZonesToKeep) =>
  (await api.post<{ readonly ids: readonly number[] }>('/api/heat/zones', zones)).ids

/** Incidents counted in a kept zone. */
export const getKeptZoneRows = (id: number, query: HeatQuery, page: PageQuery, signal?: AbortSignal) =>
  api.get<FeatureCollection>(`/api/heat/zones/${id}/rows`, { query: { ...query, ...page }, signal })
