import type { LayerName } from '../generated/layers'
import type { LonLat } from '../model/geography'
import { api } from './client'

/** One feature found by the search box; layers without geometry give no place. */
export interface FoundFeature {
  readonly id: number
  readonly title: string
  readonly subtitle: string | null
  readonly lon: number | null
  readonly lat: number | null
}

export interface FoundGroup {
  readonly layer: LayerName
  readonly items: readonly FoundFeature[]
}

/** A building, or one room of it, that an address names. */
export interface FoundHome extends LonLat {
  readonly building_id: number
  readonly dwelling_id: number | null
  readonly title: string
}

/** Where pasted coordinates lie (WGS 84) when read in one system. */
export interface FoundPlace extends LonLat {
  readonly system: 'wgs84' | 'gcj02' | 'bd09'
}

export interface FoundAnything {
  readonly places: readonly FoundPlace[]
  readonly homes: readonly FoundHome[]
  readonly groups: readonly FoundGroup[]
}

/** Places of pasted coordinates, or rooms an address names and features by name or address in groups by layer. */
export function search(q: string, limit: number, signal?: AbortSignal): Promise<FoundAnything> {
  return api.get<FoundAnything>('/api/search', { query: { q, limit }, signal })
}
