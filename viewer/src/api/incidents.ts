import type { LonLat } from '../model/geography'
import { api } from './client'

/** What the platform knows of a place: areas from the largest, grid, address, who is in charge. */
export interface Location {
  readonly area_code: string
  readonly areas: readonly { readonly code: string; readonly name: string; readonly level: string }[]
  readonly grid: { readonly code: string; readonly name: string } | null
  readonly address: string | null
  readonly staff: readonly { readonly name: string; readonly post: string | null }[]
}

export const locate = ({ lon, lat }: LonLat, signal?: AbortSignal) =>
  api.get<Location>('/api/locate', { query: { lon, lat }, signal })
