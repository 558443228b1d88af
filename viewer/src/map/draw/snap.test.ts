import { describe, expect, it } from 'vitest'
import type { Position } from '../../model/shape'
import { linesOf, snapToLines } from './snap'

const SCALE = 10
const project = ([lon, lat]: Position) => ({ x: lon * SCALE, y: -lat * SCALE })
const ROAD: Position[] = [[0, 0], [10, 0], [10, 10]]
const snapped = (x: number, y: number, reach = 12) => snapToLines({ x, y }, [ROAD], project, reach)

describe('snapToLines', () => {
  it('is caught by a corner before an edge that is nearer', () => {
    expect(snapped(92, -1)).toEqual([10, 0])
  })

  it('is caught by the nearest point of an edge', () => {
    expect(snapped(50, -8)).toEqual([5, 0])
  })

  it('is free out of reach', () => {
    expect(snapped(50, -13)).toBeNull()
    expect(snapToLines({ x: 0, y: 0 }, [], project, 12)).toBeNull()
  })

  it('bears a segment without length', () => {
    expect(snapToLines({ x: 3, y: 0 }, [[[0, 0], [0, 0]]], project, 12)).toEqual([0, 0])
  })
})

describe('linesOf', () => {
  it('takes every ring of every part', () => {
    const ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    expect(linesOf({ type: 'MultiPolygon', coordinates: [[ring, ring], [ring]] })).toHaveLength(3)
    expect(linesOf({ type: 'Point', coordinates: [0, 0] })).toEqual([])
  })
})
