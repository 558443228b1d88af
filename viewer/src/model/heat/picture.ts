import { classOf } from './surface'
import type { HeatGrid } from './surface'
import type { Colour } from '../colour'

/** Pixels, four bytes each, row by row from north. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8ClampedArray<ArrayBuffer>
}

const MOST_PIXELS = 1_500_000
const FINEST = 4
const ALPHA = 205

/** How many pixels a cell is wide: enough for smooth edges of classes, few enough to be quick. */
function finenessOf({ columns, rows }: HeatGrid): number {
  return Math.max(1, Math.min(FINEST, Math.floor(Math.sqrt(MOST_PIXELS / (columns * rows)))))
}

/**
 * The surface as a picture in the colours of its classes. Between the middles of cells values are interpolated, so
 * that a class ends in a line and not in stairs; in the middle of a cell the colour is that of its value.
 */
export function pictureOf(
  grid: HeatGrid,
  values: Float32Array,
  breaks: readonly number[],
  colours: readonly Colour[],
): Picture {
  const fine = finenessOf(grid)
  const width = grid.columns * fine
  const height = grid.rows * fine
  const pixels = new Uint8ClampedArray(width * height * 4)
  const lowest = breaks[0] ?? Infinity
  const last = { column: grid.columns - 1, row: grid.rows - 1 }

  for (let y = 0; y < height; y += 1) {
    const atRow = Math.max(0, Math.min(last.row, (y + 0.5) / fine - 0.5))
    const row = Math.min(Math.floor(atRow), Math.max(0, last.row - 1))
    const down = atRow - row
    const above = row * grid.columns
    const below = Math.min(row + 1, last.row) * grid.columns
    for (let x = 0; x < width; x += 1) {
      const atColumn = Math.max(0, Math.min(last.column, (x + 0.5) / fine - 0.5))
      const column = Math.min(Math.floor(atColumn), Math.max(0, last.column - 1))
      const right = atColumn - column
      const next = Math.min(column + 1, last.column)
      const value =
        (1 - down) * ((1 - right) * (values[above + column] ?? 0) + right * (values[above + next] ?? 0)) +
        down * ((1 - right) * (values[below + column] ?? 0) + right * (values[below + next] ?? 0))
      if (value < lowest) continue
      const colour = colours[classOf(value, breaks) - 1]
      if (!colour) continue
      const pixel = (y * width + x) * 4
      pixels[pixel] = colour[0]
      pixels[pixel + 1] = colour[1]
      pixels[pixel + 2] = colour[2]
      pixels[pixel + 3] = ALPHA
    }
  }
  return { width, height, pixels }
}
