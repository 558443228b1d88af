import { describe, expect, it } from 'vitest'
import { borderHandles, dragged } from './borders'
import { formatArea, middleOf, newFaults, pieceAt, pieceRows, totalOf } from './plan'
import type { GridFigures, Piece, Place } from './plan'

const FIGURES: GridFigures = {
  area: 20_000, buildings: 4, dwellings: 40, households: 30, residents: 90, key_sites: 1, open_incidents: 0,
}

function square(key: number, x: number, status: Piece['status'] = 'kept', figures = FIGURES): Piece {
  const ring: Place[] = [[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]
  return {
    key, code: `0${key}`, name: `第${key}网格`, status, parents: [], figures,
    geometry: { type: 'Polygon', coordinates: [ring] },
  }
}

const PIECES = [square(1, 0), square(2, 1, 'moved', { ...FIGURES, residents: 100 }), square(3, 2, 'new')]

describe('figures', () => {
  it('are told against the grid of the same code, and not at all for a new one', () => {
    const rows = pieceRows(PIECES, [square(1, 0), square(2, 1)])
    expect(rows.map(({ change }) => change)).toEqual([{}, { residents: 10 }, null])
  })

  it('are summed, but not where one is hidden', () => {
    expect(totalOf(PIECES)).toMatchObject({ residents: 280, buildings: 12, area: 60_000 })
    const hidden = square(4, 3, 'new', { ...FIGURES, residents: null })
    expect(totalOf([...PIECES, hidden])).toMatchObject({ residents: null, households: 120 })
  })

  it('give areas people can compare', () => {
    expect([formatArea(640), formatArea(43_210)]).toEqual(['640 m²', '4.3 ha'])
  })
})

describe('places', () => {
  it('lie in a piece, or in none', () => {
    expect(pieceAt(PIECES, [1.5, 0.5])).toBe(2)
    expect(pieceAt(PIECES, [9, 9])).toBeNull()
  })

  it('in the middle of a line are found along it', () => {
    expect(middleOf([[0, 0], [2, 0], [2, 6]])).toEqual([2, 2])
    expect(middleOf([[1, 1], [1, 1]])).toEqual([1, 1])
  })

  it('in a hole lie outside', () => {
    const outer: Place[] = [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]
    const hole: Place[] = [[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]
    const ring = { ...square(1, 0), geometry: { type: 'Polygon', coordinates: [outer, hole] } }
    expect([pieceAt([ring], [1, 1]), pieceAt([ring], [4, 4])]).toEqual([1, null])
  })
})

describe('borders', () => {
  it('can be taken hold of between pieces only', () => {
    const handles = borderHandles(PIECES)
    expect(handles.filter(({ kind }) => kind === 'corner').map(({ place }) => place)).toEqual([
      [1, 0], [1, 1], [2, 0], [2, 1],
    ])
    expect(handles.filter(({ kind }) => kind === 'middle').map(({ place }) => place)).toEqual([[1, 0.5], [2, 0.5]])
  })

  it('move for both sides at once', () => {
    const [first, second] = dragged(PIECES, { place: [1, 1], kind: 'corner' }, [1.2, 1])
    expect(JSON.stringify(first?.geometry)).toContain('[1.2,1]')
    expect(JSON.stringify(second?.geometry)).toContain('[1.2,1]')
    expect(JSON.stringify(second?.geometry)).not.toContain('[1,1]')
  })

  it('get a corner where their middle is dragged', () => {
    const moved = dragged(PIECES, { place: [1, 0.5], kind: 'middle' }, [1.1, 0.5])
    expect(moved.map(({ geometry }) => (geometry.coordinates as Place[][])[0]?.length)).toEqual([6, 6, 5])
  })
})

it('faults that were there before do not count', () => {
  const fault = { kind: 'gap', grids: [], building: null, geometry: { type: 'Point', coordinates: [0, 0] } }
  expect(newFaults([{ ...fault, is_inherited: true }, { ...fault, is_inherited: false }])).toHaveLength(1)
})
