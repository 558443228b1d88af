import type { LonLat } from '../model/geography'
import { api } from './client'

/** Somebody on duty: the grid of the last position, null without one; degrees EPSG:4326. */
export interface OnDuty {
  readonly shift_id: number
  readonly staff_id: number
  readonly name: string
  readonly post: string
  readonly unit_name: string | null
  readonly area_code: string
  readonly started_at: string
  readonly grid_code: string | null
  readonly grid_name: string | null
  /** Whether that is within the area served. */
  readonly is_inside: boolean | null
  readonly seen_at: string | null
  readonly lon: number | null
  readonly lat: number | null
}

/** A grid: who serves it, how many of them are on duty, how many on duty are there now. */
export interface GridDuty {
  readonly code: string
  readonly name: string
  readonly assigned: number
  readonly assigned_on_duty: number
  readonly present: number
}

export interface Duty {
  readonly staff: readonly OnDuty[]
  readonly grids: readonly GridDuty[]
}

const PATH = '/api/duty'

/** Who is on duty in an area; the empty code is everywhere. */
export const getOnDuty = async (area: string, signal?: AbortSignal) =>
  (await api.get<{ items: readonly OnDuty[] }>(`${PATH}/on-duty`, { query: { area }, signal })).items

/** Who is on duty and how the grids are served, at the same moment as far as two answers can be. */
export async function getDuty(signal?: AbortSignal): Promise<Duty> {
  const [staff, grids] = await Promise.all([
    getOnDuty('', signal),
    api.get<{ items: readonly GridDuty[] }>(`${PATH}/grids`, { signal }),
  ])
  return { staff, grids: grids.items }
}

/** The employee behind the account that asks; `area_code` is the area served. */
export interface OwnStaff {
  readonly id: number
  readonly name: string
  readonly post: string
  readonly area_code: string
}

export interface Shift {
  readonly id: number
  readonly planned_start: string | null
  readonly planned_end: string | null
  readonly started_at: string | null
  readonly ended_at: string | null
}

export interface OwnDuty {
  readonly staff: OwnStaff | null
  /** The shift that runs, and the next one planned. */
  readonly shift: Shift | null
  readonly next: Shift | null
}

export const getOwnDuty = (signal?: AbortSignal) => api.get<OwnDuty>(`${PATH}/me`, { signal })

/** Begins or ends one's own shift at a place. Throws ApiError. */
export const clock = (way: 'in' | 'out', { lon, lat }: LonLat) => api.post<Shift>(`${PATH}/clock-${way}`, { lon, lat })
