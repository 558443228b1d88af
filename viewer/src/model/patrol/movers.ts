import type { LayerName } from '../../generated/layers'

/** The layer whose features come on the live line, not in tiles. */
export const MOVING_LAYER: LayerName = 'positions'
/** Longer without a fix, and the place is told as an old one. */
export const STALE_SECONDS = 300
/** In km/h; what is slower stands, and its heading means nothing. */
const SLOWEST_SPEED = 1

/** Staff on duty or a vehicle, and where it was last; EPSG:4326, km/h, seconds since 1970. */
export interface Mover {
  readonly kind: 'staff' | 'vehicle'
  readonly id: number
  readonly label: string
  /** Post of staff, kind of a vehicle: codes. */
  readonly icon: string | null
  readonly longitude: number
  readonly latitude: number
  readonly heading: number | null
  readonly speed: number | null
  readonly time: number
}

/** What one message tells: with `isAll` it is everybody there is. */
export interface Moves {
  readonly isAll: boolean
  readonly moved: readonly Mover[]
  readonly gone: readonly string[]
}

const KINDS = ['staff', 'vehicle'] as const

export const moverKey = ({ kind, id }: Pick<Mover, 'kind' | 'id'>) => `${kind}:${id}`

const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null)

function moverOf(row: unknown): Mover | null {
  if (!Array.isArray(row)) return null
  const [kind, id, label, icon, longitude, latitude, heading, speed, time] = row as readonly unknown[]
  const name = typeof kind === 'number' ? KINDS[kind] : undefined
  if (!name || typeof id !== 'number' || typeof longitude !== 'number' || typeof latitude !== 'number') return null
  return {
    kind: name,
    id,
    label: String(label ?? ''),
    icon: typeof icon === 'string' ? icon : null,
    longitude,
    latitude,
    heading: numberOrNull(heading),
    speed: numberOrNull(speed),
    time: numberOrNull(time) ?? 0,
  }
}

function keyOfGone(row: unknown): string | null {
  if (!Array.isArray(row)) return null
  const [kind, id] = row as readonly unknown[]
  const name = typeof kind === 'number' ? KINDS[kind] : undefined
  return name && typeof id === 'number' ? moverKey({ kind: name, id }) : null
}

const isThere = <Value>(value: Value | null): value is Value => value !== null

/** The moves in a line of the event stream; null for anything else. Rows that mean nothing are left out. */
export function parseMoves(data: string): Moves | null {
  let body: unknown
  try {
    body = JSON.parse(data)
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null || !('moved' in body) || !Array.isArray(body.moved)) return null
  const gone = 'gone' in body && Array.isArray(body.gone) ? body.gone : []
  return {
    isAll: 'all' in body && body.all === true,
    moved: body.moved.map(moverOf).filter(isThere),
    gone: gone.map(keyOfGone).filter(isThere),
  }
}

/** Everybody after a message; the order of who was there stays, so that nothing flickers. */
export function afterMoves(before: ReadonlyMap<string, Mover>, moves: Moves): ReadonlyMap<string, Mover> {
  const after = new Map(moves.isAll ? [] : before)
  for (const mover of moves.moved) after.set(moverKey(mover), mover)
  for (const key of moves.gone) after.delete(key)
  return after
}

/** Whether it was on its way at a moment (seconds since 1970), as far as is known. */
export function isMoving(mover: Pick<Mover, 'time' | 'speed'>, now: number): boolean {
  return !isStale(mover, now) && (mover.speed === null || mover.speed >= SLOWEST_SPEED)
}

/** Whether it has not been heard of for long at a moment (seconds since 1970). */
export function isStale({ time }: Pick<Mover, 'time'>, now: number): boolean {
  return now - time > STALE_SECONDS
}
