import { describe, expect, it } from 'vitest'
import { pictureOf } from './picture'
import { rampOf } from './ramp'
import { cellAt, classOf, placeOf, unpack } from './surface'
import type { HeatGrid } from './surface'

const GRID: HeatGrid = {
  level: 18,
  column: 219_000,
  row: 107_000,
  columns: 6,
  rows: 5,
  cell_width: 130,
  cell_height: 129,
  bounds: [120.7, 31.1, 120.71, 31.11],
}
const FRAME = { from: null, to: null, count: 3, weight: 3, runs: [0, 1, 2, 3, 4, 2], values: [5, 20, 7, 1] }

describe('a surface', () => {
  it('is unpacked from its runs', () => {
    const values = unpack(GRID, FRAME, 0.5)
    const filled = [...values.entries()].filter(([, value]) => value > 0)
    expect(filled).toEqual([[1, 2.5], [2, 10], [22, 3.5], [23, 0.5]])
  })

  it('has a class for each value, none below the legend', () => {
    expect([0, 1.9, 2, 4.9, 5, 99].map((value) => classOf(value, [2, 5, 10]))).toEqual([0, 0, 1, 1, 2, 3])
    expect(classOf(3, [])).toBe(0)
  })

  it('finds the cell of a place and the place of a cell', () => {
    for (const [column, row] of [[0, 0], [5, 4], [3, 2]] as const) {
      const [lon, lat] = placeOf(GRID, column + 0.5, row + 0.5)
      expect(cellAt(GRID, { lon, lat })).toEqual({ column, row })
    }
    const [lon, lat] = placeOf(GRID, -0.5, 2)
    expect(cellAt(GRID, { lon, lat })).toBeNull()
  })
})

describe('the picture of a surface', () => {
  const breaks = [2, 5]
  const colours = rampOf('light', 2)
  const values = unpack(GRID, FRAME, 0.5)
  const { width, height, pixels } = pictureOf(GRID, values, breaks, colours)
  const pixelAt = (x: number, y: number) => [...pixels.slice((y * width + x) * 4, (y * width + x) * 4 + 4)]

  it('shows nothing where there is nothing', () => {
    expect(pixelAt(width - 1, 0)).toEqual([0, 0, 0, 0])
    expect(width / GRID.columns).toBe(height / GRID.rows)
  })

  it('shows the class of the highest cell in its middle', () => {
    const fine = width / GRID.columns
    expect(pixelAt(Math.floor(2.5 * fine), Math.floor(0.5 * fine)).slice(0, 3)).toEqual([...(colours[1] ?? [])])
  })

  it('knows no colours but those of the legend', () => {
    const legend = new Set(colours.map(String))
    for (let i = 0; i < pixels.length; i += 4)
      if (pixels[i + 3] !== 0) expect(legend.has(String([...pixels.slice(i, i + 3)]))).toBe(true)
  })
})
