import type { LayerName } from '../generated/layers'
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

/** Features whose names or addresses hold the text, in groups by layer. */
export async function search(q: string, limit: number, signal?: AbortSignal): Promise<readonly FoundGroup[]> {
  const answer = await api.get<{ readonly groups: readonly FoundGroup[] }>('/api/search', {
    query: { q, limit },
    signal,
  })
  return answer.groups
}
