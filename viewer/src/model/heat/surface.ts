import type { LonLat } from '../geography'

/** The cells of a surface: web map tiles of the zoom `level`, rows counted from north. */
export interface HeatGrid {
  readonly level: number
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
  /** Metres on the ground. */
  readonly cell_width: number
  readonly cell_height: number
  /** West, south, east, north in EPSG:4326 degrees. */
  readonly bounds: readonly [number, number, number, number]
}

export interface HeatFrame {
  readonly from: string | null
  readonly to: string | null
  readonly count: number
  readonly weight: number
  /** Row, first column and length of each run of cells that are not 0. */
  readonly runs: readonly number[]
  /** Values of the cells of all runs, to be multiplied by the surface's `unit`. */
  readonly values: readonly number[]
}

/** What the server answers: one surface a frame, all on one grid and with one legend. */
export interface HeatSurface {
  readonly layer: string
  readonly radius: number
  readonly weight: string | null
  /** Values are for so many days; null where there is no time. */
  readonly per_days: number | null
  /** Persons are counted in whole multiples of it; null where no persons are counted. */
  readonly least_persons: number | null
  readonly unit: number
  readonly maximum: number
  /** Where the classes of the legend begin, rising. */
  readonly breaks: readonly number[]
  readonly grid: HeatGrid | null
  readonly frames: readonly HeatFrame[]
}

/** The values of a frame, row by row from the north-west cell. */
export function unpack(grid: HeatGrid, frame: HeatFrame, unit: number): Float32Array {
  const values = new Float32Array(grid.columns * grid.rows)
  let next = 0
  for (let i = 0; i + 2 < frame.runs.length; i += 3) {
    const start = (frame.runs[i] ?? 0) * grid.columns + (frame.runs[i + 1] ?? 0)
    const length = frame.runs[i + 2] ?? 0
    for (let cell = 0; cell < length; cell += 1) {
      values[start + cell] = (frame.values[next] ?? 0) * unit
      next += 1
    }
  }
  return values
}

/** The class of a value: how many breaks it has reached. 0 is below the legend. */
export function classOf(value: number, breaks: readonly number[]): number {
  let found = 0
  while (found < breaks.length && value >= (breaks[found] ?? Infinity)) found += 1
  return found
}

/** The cell that holds a place; null beyond the grid. */
export function cellAt(grid: HeatGrid, { lon, lat }: LonLat): { readonly column: number; readonly row: number } | null {
  const side = 2 ** grid.level
  const phi = (lat * Math.PI) / 180
  const column = Math.floor((lon / 360 + 0.5) * side) - grid.column
  const row = Math.floor((0.5 - Math.asinh(Math.tan(phi)) / (2 * Math.PI)) * side) - grid.row
  const isInside = column >= 0 && row >= 0 && column < grid.columns && row < grid.rows
  return isInside ? { column, row } : null
}

/** Longitude and latitude of a point of the grid, in cells from its north-west corner. */
export function placeOf(grid: HeatGrid, column: number, row: number): [number, number] {
  const side = 2 ** grid.level
  const lon = ((grid.column + column) / side - 0.5) * 360
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (grid.row + row)) / side))) * 180) / Math.PI
  return [lon, lat]
}
