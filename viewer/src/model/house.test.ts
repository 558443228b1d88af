import { describe, expect, it } from 'vitest'
import { floorLabel, layOutHouse, placeRooms, stepTo } from './house'
import type { House, HouseRoom } from './house'

let nextId = 1

function room(unit: string, floor: number, number: string, more: Partial<HouseRoom> = {}): HouseRoom {
  return {
    id: nextId++,
    unit,
    floor,
    room: number,
    column: null,
    columns_wide: 1, floors_high: 1, beds: null, usage: null,
    tenure: null,
    area: null,
    state: null,
    next_inspection: null,
    residents: 0,
    households: 0,
    ...more,
  }
}

function house(rooms: readonly HouseRoom[], more: Partial<House> = {}): House {
  return {
    building: { id: 1, name: '1幢', address: null, levels: 3, levels_below: 0, row_version: 1, lon: 120, lat: 30 },
    units: [...new Set(rooms.map((each) => each.unit))],
    floors: [...new Set(rooms.map((each) => each.floor))],
    rooms,
    counts: { rooms: rooms.length, households: 0, residents: 0 },
    people_visible: true,
    ...more,
  }
}

function tower(floors: number, units: number, perUnit: number): HouseRoom[] {
  const rooms: HouseRoom[] = []
  for (let floor = 1; floor <= floors; floor += 1)
    for (let unit = 1; unit <= units; unit += 1)
      for (let column = 1; column <= perUnit; column += 1)
        rooms.push(room(String(unit), floor, `${floor}0${column}`, { column }))
  return rooms
}

describe('layOutHouse', () => {
  it('puts the highest floor first and basements last', () => {
    const matrix = layOutHouse(house([room('1', -1, 'B101'), room('1', 1, '101'), room('1', 2, '201')]))
    expect(matrix.floors.map((row) => row.floor)).toEqual([2, 1, -1])
  })

  it('sets units side by side without overlap', () => {
    const matrix = layOutHouse(house(tower(2, 3, 2)))
    expect(matrix.units).toEqual([
      { unit: '1', start: 0, columns: 2, figures: { rooms: 4, residents: 0 } },
      { unit: '2', start: 2, columns: 2, figures: { rooms: 4, residents: 0 } },
      { unit: '3', start: 4, columns: 2, figures: { rooms: 4, residents: 0 } },
    ])
    expect(matrix.columns).toBe(6)
  })

  it('gives every room of a large tower a place of its own', () => {
    const rooms = tower(33, 4, 4)
    const matrix = layOutHouse(house(rooms))
    const places = matrix.floors.flatMap((row) => row.cells.map((cell) => `${row.floor}/${cell.column}`))
    expect(new Set(places).size).toBe(rooms.length)
    expect(matrix.isFlat).toBe(false)
  })

  it('keeps a floor without rooms as an empty row', () => {
    const matrix = layOutHouse(house([room('1', 1, '101')], { floors: [3, 2, 1] }))
    expect(matrix.floors.map((row) => row.cells.length)).toEqual([0, 0, 1])
  })

  it('takes up units and floors that only rooms tell of', () => {
    const matrix = layOutHouse(house([room('2', 4, '401')], { units: ['1'], floors: [1] }))
    expect(matrix.units.map((unit) => unit.unit)).toEqual(['1', '2'])
    expect(matrix.floors.map((row) => row.floor)).toEqual([4, 1])
  })

  it('shows a wide low house in running order', () => {
    const rooms = Array.from({ length: 40 }, (_, index) => room('', 1, `1${index}`))
    expect(layOutHouse(house(rooms)).isFlat).toBe(true)
  })

  it('stands a village house without units in one column', () => {
    const matrix = layOutHouse(house([room('', 1, '1'), room('', 2, '2')]))
    expect(matrix.columns).toBe(1)
    expect(matrix.isFlat).toBe(false)
  })

  it('is empty for a building nobody has surveyed', () => {
    const matrix = layOutHouse(house([], { units: [], floors: [] }))
    expect(matrix).toMatchObject({ units: [], floors: [], columns: 0 })
  })

  it('counts rooms by colour', () => {
    const rooms = [room('1', 1, '101', { tenure: 'T2' }), room('1', 1, '102', { tenure: 'T3' })]
    expect([...layOutHouse(house(rooms)).counts]).toEqual(expect.arrayContaining([['self', 1], ['rented', 1]]))
  })
})

describe('placeRooms', () => {
  it('keeps the columns of the server, gaps included', () => {
    const rooms = [room('1', 1, '101', { column: 1 }), room('1', 1, '103', { column: 3 })]
    expect([...placeRooms(rooms).values()]).toEqual([0, 2])
  })

  it('falls back to the order of numbers when a column is given twice', () => {
    const rooms = [room('1', 1, '110', { column: 1 }), room('1', 1, '102', { column: 1 })]
    const places = placeRooms(rooms)
    expect(rooms.map((each) => places.get(each.id))).toEqual([1, 0])
  })
})

describe('stepTo', () => {
  const rooms = [...tower(3, 1, 2), room('1', 4, '401', { column: 1 })]
  const matrix = layOutHouse(house(rooms))
  const idOf = (number: string) => rooms.find((each) => each.room === number)?.id ?? -1

  it('moves within a floor and stops at its ends', () => {
    expect(stepTo(matrix, idOf('201'), 'right')).toBe(idOf('202'))
    expect(stepTo(matrix, idOf('202'), 'right')).toBe(idOf('202'))
  })

  it('moves between floors to the nearest column', () => {
    expect(stepTo(matrix, idOf('302'), 'up')).toBe(idOf('401'))
    expect(stepTo(matrix, idOf('302'), 'down')).toBe(idOf('202'))
  })

  it('begins at the first room, and has nowhere to go in an empty house', () => {
    expect(stepTo(matrix, null, 'down')).toBe(idOf('401'))
    expect(stepTo(layOutHouse(house([])), null, 'down')).toBeNull()
  })
})

it('names floors', () => {
  expect([18, 1, -2].map(floorLabel)).toEqual(['18', '1', 'B2'])
})
