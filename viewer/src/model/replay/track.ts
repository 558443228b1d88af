import type { Piece } from './twkb'

export interface Span {
  readonly since: number
  readonly until: number
}

/** Where something is at a moment of its day. */
export interface Place {
  readonly longitude: number
  readonly latitude: number
  /** Degrees from north; null where it stands. */
  readonly heading: number | null
  /** It was not heard of at this moment: the place is the last one before. */
  readonly isLost: boolean
}

/** The number of entries that are at most `value`; the array rises. */
export function countUpTo(times: ArrayLike<number>, value: number): number {
  let [low, high] = [0, times.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle] ?? Infinity) <= value) low = middle + 1
    else high = middle
  }
  return low
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0
}

function headingBetween(piece: Piece, index: number): number | null {
  const latitude = at(piece.latitude, index)
  const east = (at(piece.longitude, index + 1) - at(piece.longitude, index)) * Math.cos((latitude * Math.PI) / 180)
  const north = at(piece.latitude, index + 1) - latitude
  if (east === 0 && north === 0) return null
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360
}

/** The last place of a piece that is over. */
function endOf(piece: Piece): Place {
  const last = piece.time.length - 1
  return { longitude: at(piece.longitude, last), latitude: at(piece.latitude, last), heading: null, isLost: true }
}

/**
 * Where the object of the pieces is at a second of the day: between two fixes on the straight way, in a gap and after the
 * day's last fix at the last place it was heard of; null before the first. Nothing is made up across a gap.
 */
export function placeAt(pieces: readonly Piece[], second: number): Place | null {
  const begun = countUpTo(
    pieces.map(({ time }) => at(time, 0)),
    second,
  )
  const piece = pieces[begun - 1]
  if (!piece) return null
  const index = countUpTo(piece.time, second) - 1
  if (index >= piece.time.length - 1) {
    return second > at(piece.time, piece.time.length - 1) ? endOf(piece) : { ...endOf(piece), isLost: false }
  }
  const [before, after] = [at(piece.time, index), at(piece.time, index + 1)]
  const share = (second - before) / (after - before)
  return {
    longitude: at(piece.longitude, index) + share * (at(piece.longitude, index + 1) - at(piece.longitude, index)),
    latitude: at(piece.latitude, index) + share * (at(piece.latitude, index + 1) - at(piece.latitude, index)),
    heading: headingBetween(piece, index),
    isLost: false,
  }
}

/** The first moment after `second`, or the last before it when `isBack`; null when there is none. */
export function nextMoment(moments: readonly number[], second: number, isBack = false): number | null {
  const beyond = moments.filter((moment) => (isBack ? moment < second - 1 : moment > second + 1))
  if (beyond.length === 0) return null
  return isBack ? Math.max(...beyond) : Math.min(...beyond)
}
