import type { LayerName } from '../generated/layers'
import type { Geometry } from '../model/bounds'
import type { FormValues, Properties } from '../model/form'
import { api } from './client'

/** One feature as GeoJSON; `row_version` among its properties names the version read. */
export interface Feature {
  readonly type: 'Feature'
  readonly id: number
  readonly geometry: Geometry | null
  readonly properties: Properties
  readonly editable?: boolean
  /** Whether the reader may hand in changes of it, to be decided on by others. */
  readonly proposable?: boolean
}

export interface FeatureCollection {
  readonly features: readonly Feature[]
  readonly numberMatched?: number
  readonly next?: string | null
}

/** What one change did to one field. */
export interface Difference {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

export interface HistoryEntry {
  readonly at: string
  readonly actor: string | null
  readonly action: string
  readonly reason: string | null
  readonly row_version: number | null
  readonly differences: readonly Difference[]
}

const pathOf = (layer: LayerName, id?: number) =>
  `/api/layers/${layer}/features${id === undefined ? '' : `/${id}`}`

export const getFeature = (layer: LayerName, id: number, signal?: AbortSignal) =>
  api.get<Feature>(pathOf(layer, id), { signal })

/** Features whose properties equal those given. */
export const findFeatures = (
  layer: LayerName,
  query: Readonly<Record<string, string | number>>,
  signal?: AbortSignal,
) => api.get<FeatureCollection>(pathOf(layer), { query, signal })

export const createFeature = (layer: LayerName, geometry: Geometry | null, properties: FormValues) =>
  api.post<Feature>(pathOf(layer), { type: 'Feature', geometry, properties })

/** Throws ApiError 409 when the feature is no longer at `version`. */
export const updateFeature = (layer: LayerName, id: number, version: number, changes: FormValues) =>
  api.patch<Feature>(pathOf(layer, id), {
    type: 'Feature',
    properties: { ...changes, row_version: version },
  })

export const deleteFeature = (layer: LayerName, id: number, version: number) =>
  api.delete(pathOf(layer, id), { query: { row_version: version } })

export async function getHistory(layer: LayerName, id: number, signal?: AbortSignal) {
  const path = `${pathOf(layer, id)}/history`
  return (await api.get<{ readonly items: readonly HistoryEntry[] }>(path, { signal })).items
}
