/** One unbroken piece of a track, in the order of time: seconds since the day began, degrees. */
export interface Piece {
  readonly time: Float64Array
  readonly longitude: Float64Array
  readonly latitude: Float64Array
}

const MULTI_LINE = 5
const EXTENDED = 0x08
const EMPTY = 0x10
const WITH_M = 0x02
const KIND_BITS = 0x0f

/** Reads the numbers of TWKB one after the other; more than 32 bits each, so no shifts of bits. */
class Reader {
  private at = 0

  constructor(private readonly bytes: Uint8Array) {}

  byte(): number {
    const value = this.bytes[this.at]
    if (value === undefined) throw new RangeError('TWKB ends too early')
    this.at += 1
    return value
  }

  unsigned(): number {
    let value = 0
    let weight = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * weight
      if (byte < 0x80) return value
      weight *= 128
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

/**
 * The pieces in TWKB of a MULTILINESTRING M, as the server sends tracks. Source of the format:
 * https://github.com/TWKB/Specification. Throws RangeError for anything else.
 */
export function piecesOf(bytes: Uint8Array): Piece[] {
  const reader = new Reader(bytes)
  const kind = reader.byte()
  const flags = reader.byte()
  if ((kind & KIND_BITS) !== MULTI_LINE || (flags & EXTENDED) === 0 || (reader.byte() & 0x03) !== WITH_M) {
    throw new RangeError('no TWKB of a MULTILINESTRING M')
  }
  if ((flags & EMPTY) !== 0) return []
  const precision = kind >> 4
  const scale = 10 ** (precision % 2 === 0 ? precision / 2 : -(precision + 1) / 2)
  let [x, y, m] = [0, 0, 0]
  return Array.from({ length: reader.unsigned() }, () => {
    const size = reader.unsigned()
    const piece = { time: new Float64Array(size), longitude: new Float64Array(size), latitude: new Float64Array(size) }
    for (let n = 0; n < size; n += 1) {
      x += reader.signed()
      y += reader.signed()
      m += reader.signed()
      piece.longitude[n] = x / scale
      piece.latitude[n] = y / scale
      piece.time[n] = m
    }
    return piece
  })
}

export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
