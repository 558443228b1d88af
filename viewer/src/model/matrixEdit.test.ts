import { expect, test } from 'vitest'
import type { House, HouseRoom } from './house'
import { applySteps, faultsByRoom, mergeFault, numbersByPattern, pieceNumbers, roomsBetween } from './matrixEdit'

function room(id: number, floor: number, column: number): HouseRoom {
  return {
    id, unit: '1', floor, room: `${floor}0${column}`, column, columns_wide: 1, floors_high: 1, usage: null, tenure: null,
    area: null, state: null, beds: null, next_inspection: null, residents: 1, households: 1,
  }
}

const rooms = [room(1, 1, 1), room(2, 1, 2), room(3, 1, 3), room(4, 2, 1), room(5, 2, 2), room(6, 2, 3)]
const house: House = {
  building: { id: 9, name: null, address: null, levels: 2, levels_below: null, row_version: 1, lon: 0, lat: 0 },
  units: ['1'], floors: [2, 1], rooms, counts: { rooms: 6, households: 6, residents: 6 }, people_visible: true,
}
const find = (found: House, id: number) => found.rooms.find((each) => each.id === id)

test('only neighbours that fill a rectangle become one', () => {
  expect(mergeFault(house, [1, 2])).toBeNull()
  expect(mergeFault(house, [1, 4])).toBeNull()
  expect(mergeFault(house, [1, 3])).toBe('apart')
  expect(mergeFault(house, [1, 2, 4])).toBe('apart')
  expect(mergeFault(house, [1])).toBe('few')
  const beside = { ...house, rooms: [...rooms, { ...room(7, 1, 1), unit: '2' }] }
  expect(mergeFault(beside, [3, 7])).toBe('units')
  const long = { ...house, rooms: Array.from({ length: 21 }, (_, index) => room(index + 1, 1, index + 1)) }
  expect(mergeFault(long, long.rooms.map(({ id }) => id))).toBe('large')
  expect(mergeFault(long, long.rooms.slice(1).map(({ id }) => id))).toBeNull()
})

test('a merged room takes the place and the people of all', () => {
  const found = applySteps(house, [{ do: 'merge', rooms: [1, 2, 4, 5], into: 5, number: '大' }])
  expect(find(found, 5)).toMatchObject({ floor: 1, column: 1, columns_wide: 2, floors_high: 2, residents: 4, room: '大' })
  expect(found.rooms).toHaveLength(3)
})

test('a room that was merged is split in two again', () => {
  const steps = [
    { do: 'merge', rooms: [1, 2], into: 1, number: '101' },
    { do: 'split', room: 1, number: '101', pieces: [{ id: -1, number: '102' }] },
  ] as const
  const found = applySteps(house, steps)
  expect(find(found, 1)).toMatchObject({ column: 1, columns_wide: 1, residents: 2 })
  expect(find(found, -1)).toMatchObject({ column: 2, columns_wide: 1, residents: 0 })
})

test('numbers of parts and by pattern', () => {
  expect(pieceNumbers('101', 3)).toEqual(['101甲', '101乙', '101丙'])
  expect(numbersByPattern(house, [2, 3, 5], '{floor}-{room:02}')).toEqual([
    { id: 5, number: '2-01' }, { id: 2, number: '1-01' }, { id: 3, number: '1-02' },
  ])
})

test('a drag takes in the rectangle, and faults are found by room', () => {
  expect(roomsBetween(house, 2, 6).sort()).toEqual([2, 3, 5, 6])
  const faults = [{ field: 'rooms.-2.floor', reason: 'a' }, { field: 'steps.0', reason: 'b' }]
  expect([...faultsByRoom(faults)]).toEqual([[-2, 'a'], [null, 'b']])
})

test('many rooms get a state and beds, and one stands outside the rule', () => {
  const found = applySteps(house, [
    { do: 'set', rooms: [1, 2], values: { state: 'vacant', beds: 4 } },
    { do: 'set', rooms: [2], values: { beds: null } },
    { do: 'add', rooms: [{ id: -1, unit: '1', floor: 1, is_mezzanine: true, number: '夹01', usage: 'U4' }] },
  ])
  expect(find(found, 1)).toMatchObject({ state: 'vacant', beds: 4 })
  expect(find(found, 2)).toMatchObject({ state: 'vacant', beds: null })
  expect(find(found, -1)).toMatchObject({ floor: 1.5, room: '夹01', usage: 'U4' })
})
