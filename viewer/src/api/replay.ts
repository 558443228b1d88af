import { bytesOf, piecesOf } from '../model/replay/twkb'
import type { Piece } from '../model/replay/twkb'
import type { Span } from '../model/replay/track'
import { api } from './client'

export type ObjectKind = 'staff' | 'vehicle'

/** Staff or a vehicle that moved on a day; times are seconds since 1970. */
export interface MovedObject {
  readonly object_kind: ObjectKind
  readonly object_id: number
  readonly label: string
  readonly icon: string | null
  readonly area_code: string
  readonly fixes: number
  readonly metres: number | null
  readonly first_at: number
  readonly last_at: number
}

export interface Stop extends Span {
  readonly longitude: number
  readonly latitude: number
}

export interface Track {
  readonly object_kind: ObjectKind
  readonly object_id: number
  readonly label: string
  readonly icon: string | null
  readonly fixes: number
  readonly metres: number
  readonly first_at: number
  readonly last_at: number
  readonly pieces: readonly Piece[]
  readonly stops: readonly Stop[]
  readonly gaps: readonly Span[]
}

export interface IncidentMark {
  readonly id: number
  readonly reported_at: number
  readonly longitude: number
  readonly latitude: number
  readonly category: string
  readonly description: string
}

/** Tracks of one day of China time, which begins at `since` (seconds since 1970). */
export interface Replay {
  readonly day: string
  readonly since: number
  readonly until: number
  readonly tracks: readonly Track[]
  readonly incidents: readonly IncidentMark[]
  readonly incidents_total: number
}

type SentTrack = Omit<Track, 'pieces'> & { readonly line: string }

const PATH = '/api/positions/replay'

/** Who moved on a day, and the last day on which anybody did. */
export interface MovedObjects {
  readonly day: string
  readonly last_day: string | null
  readonly items: readonly MovedObject[]
}

export const getMovedObjects = (day: string, signal?: AbortSignal) =>
  api.get<MovedObjects>(`${PATH}/objects`, { query: { day }, signal })

/** The tracks of the chosen objects; the look is logged. Throws ApiError. */
export async function getReplay(
  day: string,
  staff: readonly number[],
  vehicles: readonly number[],
  signal?: AbortSignal,
): Promise<Replay> {
  const query = { day, staff: staff.join(','), vehicle: vehicles.join(',') }
  const sent = await api.get<Omit<Replay, 'tracks'> & { tracks: SentTrack[] }>(PATH, { query, signal })
  return { ...sent, tracks: sent.tracks.map(({ line, ...track }) => ({ ...track, pieces: piecesOf(bytesOf(line)) })) }
}
