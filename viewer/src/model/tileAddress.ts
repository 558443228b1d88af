import type { Bounds } from './geography'

/** A tile of the Web Mercator square: `x` counts from the west, `y` from the north. */
export interface TileAddress {
  readonly z: number
  readonly x: number
  readonly y: number
}

function column(lon: number, count: number): number {
  return Math.floor(((lon + 180) / 360) * count)
}

function row(lat: number, count: number): number {
  const north = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI
  return Math.floor(((1 - north) / 2) * count)
}

/** The tiles of a zoom that touch a box, row by row from the north. */
export function tilesOver([west, south, east, north]: Bounds, z: number): TileAddress[] {
  const count = 2 ** z
  const within = (place: number) => Math.min(Math.max(place, 0), count - 1)
  const columns = [within(column(west, count)), within(column(east, count))] as const
  const rows = [within(row(north, count)), within(row(south, count))] as const
  const found: TileAddress[] = []
  for (let y = rows[0]; y <= rows[1]; y += 1) {
    for (let x = columns[0]; x <= columns[1]; x += 1) found.push({ z, x, y })
  }
  return found
}
