import type { LayerName } from '../generated/layers'
import { sentOf, wallOf } from '../model/wall'
import type { Wall, WallView } from '../model/wall'
import { ApiError, api } from './client'

/** An area or a governance grid; `code` is what the codes of all below begin with. */
export interface Place {
  readonly code: string
  readonly name: string
  readonly level: string
}

export type LayerCounts = Readonly<Partial<Record<LayerName, number>>>

export interface PlaceTotal extends Place {
  readonly counts: LayerCounts
}

/** A building of a grid; null where the reader may not know. */
export interface BuildingTotal {
  readonly id: number
  readonly name: string | null
  readonly number: string | null
  readonly dwellings: number | null
  readonly residents: number | null
}

/** An area, those above it, and what lies directly below. */
export interface Totals {
  readonly area: PlaceTotal
  readonly above: readonly Place[]
  readonly children: readonly PlaceTotal[]
  readonly buildings: readonly BuildingTotal[]
}

export const getTotals = (area: string, signal?: AbortSignal) =>
  api.get<Totals>('/api/totals', { query: { area }, signal })

function answered(value: unknown): Wall {
  const wall = wallOf(value)
  if (!wall) throw new ApiError(200, 'Unreadable answer', '')
  return wall
}

export const createWall = async (view: WallView) => answered(await api.post<unknown>('/api/walls', sentOf(view)))

export const getWall = async (code: string) => answered(await api.get<unknown>(`/api/walls/${code}`))

export const changeWall = async (code: string, change: Partial<WallView>) =>
  answered(await api.patch<unknown>(`/api/walls/${code}`, sentOf(change)))

export const wallStream = (code: string) => `/api/walls/${code}/stream`
