import { describe, expect, it } from 'vitest'
import { planOf, stackFloors } from './boxes'
import type { Boxes } from './boxes'
import type { HouseRoom } from './house'

const SQUARE = [[[[0, 0], [1, 0], [1, 1], [0, 0]]]] as const

function room(id: number, floor: number, tenure: string | null = null): HouseRoom {
  return { id, unit: '', floor, room: `${floor}01`, column: 1, usage: null, columns_wide: 1, floors_high: 1, beds: null, tenure, area: null, state: null, next_inspection: null, residents: 0, households: 0 }
}

const BOXES: Boxes = {
  building_id: 1,
  storey: 3,
  floors: [2, 1, -1],
  footprint: SQUARE,
  shapes: [SQUARE],
  boxes: [
    { id: 10, floor: -1, shape: 0 },
    { id: 11, floor: 1, shape: 0 },
    { id: 12, floor: 2, shape: 0 },
  ],
}
const ROOMS = [room(10, -1), room(11, 1, 'T2'), room(12, 2, 'T3')]
const all = { floor: null, isSpread: false, colouredBy: 'tenure', today: '2026-11-20' } as const

describe('an opened building', () => {
  it('stands on its cellar, each floor on the one below, rooms apart', () => {
    const { slabs, rooms, top } = stackFloors(BOXES, ROOMS, all)
    expect(slabs.map(({ floor, base }) => [floor, base])).toEqual([[-1, 0], [1, 3], [2, 6]])
    expect(top).toBe(9)
    for (const { base, height, room: { floor } } of rooms) {
      const slab = slabs.find((each) => each.floor === floor)
      expect(base).toBeGreaterThan(slab?.base ?? Infinity)
      expect(base + height).toBeLessThan((slab?.base ?? 0) + 3)
    }
    expect(rooms.map(({ look }) => look.tone)).toEqual(['none', 'self', 'rented'])
  })

  it('stands apart when spread', () => {
    const [first, second] = stackFloors(BOXES, ROOMS, { ...all, isSpread: true }).slabs
    expect((second?.base ?? 0) - (first?.base ?? 0)).toBeGreaterThan(5)
  })

  it('is taken off above the floor looked at, and steps back below', () => {
    const { slabs, rooms } = stackFloors(BOXES, ROOMS, { ...all, floor: 1 })
    expect(slabs.map(({ floor }) => floor)).toEqual([-1, 1])
    expect(rooms.map(({ room: { id }, isBack }) => [id, isBack])).toEqual([[10, true], [11, false]])
  })

  it('shows no box for a room the house does not list', () => {
    expect(stackFloors(BOXES, [room(12, 2)], all).rooms.map(({ room: { id } }) => id)).toEqual([12])
  })

  it('is coloured as the matrix is, and what is not picked out steps back', () => {
    const due = { ...all, colouredBy: 'inspection', pickedOut: 'overdue' } as const
    const let_ = [{ ...room(11, 1), next_inspection: '2026-11-01' }, { ...room(12, 2), next_inspection: '2027-03-01' }]
    const { rooms } = stackFloors(BOXES, let_, due)
    expect(rooms.map(({ look, isBack }) => [look.key, look.tone, isBack])).toEqual([['overdue', 'alert', false], ['later', 'self', true]])
    expect(planOf(BOXES, let_, { ...due, floor: 2 }).map(({ isBack }) => isBack)).toEqual([true])
  })

  it('has a plan of one floor', () => {
    expect(planOf(BOXES, ROOMS, { ...all, floor: 1 }).map(({ room: { id } }) => id)).toEqual([11])
    expect(planOf(BOXES, ROOMS, { ...all, floor: 9 })).toEqual([])
  })
})
