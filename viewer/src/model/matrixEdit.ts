import { layOutHouse } from './house'
import type { House, HouseRoom } from './house'

/** One change of the matrix, as it is sent; new rooms have negative ids. */
export type MatrixStep =
  | { readonly do: 'merge'; readonly rooms: readonly number[]; readonly into: number; readonly number: string }
  | { readonly do: 'split'; readonly room: number; readonly number: string; readonly pieces: readonly Numbered[] }
  | { readonly do: 'renumber'; readonly rooms: readonly Numbered[] }
  | { readonly do: 'set'; readonly rooms: readonly number[]; readonly values: RoomValues }
  | { readonly do: 'add'; readonly rooms: readonly NewRoom[] }
  | { readonly do: 'retire'; readonly rooms: readonly number[] }

/** What many rooms can be given at once. */
export interface RoomValues {
  readonly usage?: string
  readonly tenure?: string
  readonly state?: string
  readonly beds?: number | null
}

export interface Numbered {
  readonly id: number
  readonly number: string
}

export interface NewRoom extends Numbered {
  readonly unit: string
  /** The floor itself; the mezzanine over it is told by `is_mezzanine`. */
  readonly floor: number
  readonly is_mezzanine?: boolean
  readonly usage?: string | null
  readonly beds?: number | null
}

/** The house as it will be when the steps are saved. Steps about rooms that are gone change nothing. */
export function applySteps(house: House, steps: readonly MatrixStep[]): House {
  return steps.reduce(applyStep, house)
}

function applyStep(house: House, step: MatrixStep): House {
  const change = (ids: readonly number[], make: (room: HouseRoom) => HouseRoom) =>
    house.rooms.map((room) => (ids.includes(room.id) ? make(room) : room))
  switch (step.do) {
    case 'merge':
      return merged(house, step.rooms, step.into, step.number)
    case 'split':
      return split(house, step.room, step.number, step.pieces)
    case 'renumber': {
      const numbers = new Map(step.rooms.map(({ id, number }) => [id, number]))
      return { ...house, rooms: change([...numbers.keys()], (room) => ({ ...room, room: numbers.get(room.id) ?? room.room })) }
    }
    case 'set':
      return { ...house, rooms: change(step.rooms, (room) => ({ ...room, ...step.values })) }
    case 'retire':
      return { ...house, rooms: house.rooms.filter(({ id }) => !step.rooms.includes(id)) }
    case 'add':
      return { ...house, rooms: [...house.rooms, ...step.rooms.map(newRoom)] }
  }
}

function newRoom({ id, unit, floor, is_mezzanine, number, usage, beds }: NewRoom): HouseRoom {
  return {
    id,
    unit,
    floor: is_mezzanine ? floor + 0.5 : floor,
    room: number,
    column: null,
    columns_wide: 1,
    floors_high: 1,
    usage: usage ?? null,
    tenure: null,
    area: null,
    state: null,
    beds: beds ?? null,
    next_inspection: null,
    residents: 0,
    households: 0,
  }
}

/** The box round some rooms in columns and floors, and whether they fill it. */
function outline(house: House, rooms: readonly HouseRoom[]) {
  const { floors } = layOutHouse(house)
  const cells = floors.flatMap((row, index) => row.cells.map((cell) => ({ ...cell, index })))
  const mine = cells.filter(({ room }) => rooms.some(({ id }) => id === room.id))
  const spots = mine.flatMap(({ column, index, room }) =>
    Array.from({ length: room.columns_wide }, (_, wide) =>
      Array.from({ length: room.floors_high }, (_, high) => ({ column: column + wide, index: index - high })),
    ).flat(),
  )
  const columns = spots.map(({ column }) => column)
  const indexes = spots.map(({ index }) => index)
  const wide = Math.max(...columns) - Math.min(...columns) + 1
  const high = Math.max(...indexes) - Math.min(...indexes) + 1
  return { wide, high, lowest: floors[Math.max(...indexes)]?.floor, isFull: wide * high === spots.length, left: Math.min(...columns) }
}

/** Why rooms cannot become one. */
type MergeFault = 'few' | 'units' | 'apart' | 'large'

const WIDEST = 20
const HIGHEST = 10

/** What keeps rooms from becoming one; null when they stand beside or above one another in one unit. */
export function mergeFault(house: House, ids: readonly number[]): MergeFault | null {
  const rooms = house.rooms.filter(({ id }) => ids.includes(id))
  if (rooms.length < 2) return 'few'
  if (new Set(rooms.map(({ unit }) => unit)).size > 1) return 'units'
  const { wide, high, isFull } = outline(house, rooms)
  if (!isFull) return 'apart'
  return wide > WIDEST || high > HIGHEST ? 'large' : null
}

function merged(house: House, ids: readonly number[], into: number, number: string): House {
  const rooms = house.rooms.filter(({ id }) => ids.includes(id))
  const kept = rooms.find(({ id }) => id === into)
  if (!kept || rooms.length < 2) return house
  const { wide, high, lowest, left } = outline(house, rooms)
  const start = layOutHouse(house).units.find(({ unit }) => unit === kept.unit)?.start ?? 0
  const room: HouseRoom = {
    ...kept,
    room: number,
    floor: lowest ?? kept.floor,
    column: left - start + 1,
    columns_wide: wide,
    floors_high: high,
    residents: rooms.reduce((sum, each) => sum + each.residents, 0),
    households: rooms.reduce((sum, each) => sum + each.households, 0),
  }
  const others = house.rooms.filter(({ id }) => !ids.includes(id))
  return { ...house, rooms: [...others, room] }
}

function split(house: House, id: number, number: string, pieces: readonly Numbered[]): House {
  const room = house.rooms.find((each) => each.id === id)
  if (!room) return house
  const count = pieces.length + 1
  const wide = room.columns_wide >= count ? Math.floor(room.columns_wide / count) : 1
  const isHigh = room.columns_wide < count && room.floors_high >= count
  const high = room.columns_wide >= count ? room.floors_high : isHigh ? Math.floor(room.floors_high / count) : 1
  const column = room.columns_wide >= count || isHigh ? room.column : null
  const made = [{ id, number }, ...pieces].map(
    (piece, index): HouseRoom => ({
      ...room,
      id: piece.id,
      room: piece.number,
      floor: isHigh ? room.floor + index * high : room.floor,
      column: column === null || isHigh ? column : column + index * wide,
      columns_wide: wide,
      floors_high: high,
      residents: index === 0 ? room.residents : 0,
      households: index === 0 ? room.households : 0,
    }),
  )
  return { ...house, rooms: [...house.rooms.filter((each) => each.id !== id), ...made] }
}

const NUMERALS = '甲乙丙丁戊己庚辛壬癸'

/** Numbers for the parts of a room: 101 becomes 101甲 and 101乙, more than ten 101-1, 101-2 … */
export function pieceNumbers(number: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => number + (count <= NUMERALS.length ? NUMERALS.charAt(index) : `-${index + 1}`))
}

/** Numbers by pattern, {floor} and {room} or {room:02}, rooms counted on each floor of a unit from the left. */
export function numbersByPattern(house: House, ids: readonly number[], pattern: string): Numbered[] {
  const counts = new Map<string, number>()
  return layOutHouse(house).floors.flatMap(({ floor, cells }) =>
    cells
      .filter(({ room }) => ids.includes(room.id))
      .map(({ room, unit }) => {
        const key = `${floor}/${unit}`
        const count = (counts.get(key) ?? 0) + 1
        counts.set(key, count)
        const words: Readonly<Record<string, string>> = { floor: floor < 0 ? `B${-floor}` : String(floor), room: String(count), unit }
        const number = pattern.replace(/\{(unit|floor|room)(?::0?([1-4]))?\}/g, (_, name: string, width?: string) =>
          (words[name] ?? '').padStart(Number(width ?? 1), '0'),
        )
        return { id: room.id, number }
      }),
  )
}

/** The rooms in the rectangle between two cells. */
export function roomsBetween(house: House, from: number, to: number): number[] {
  const { floors } = layOutHouse(house)
  const spots = floors.flatMap(({ cells }, row) => cells.map(({ room, column }) => ({ id: room.id, row, column })))
  const a = spots.find(({ id }) => id === from)
  const b = spots.find(({ id }) => id === to)
  if (!a || !b) return [from]
  const isBetween = (value: number, one: number, other: number) => value >= Math.min(one, other) && value <= Math.max(one, other)
  return spots.filter(({ row, column }) => isBetween(row, a.row, b.row) && isBetween(column, a.column, b.column)).map(({ id }) => id)
}

/** Faults by the room they are about; those of no room are under null. */
export function faultsByRoom(faults: readonly { readonly field: string; readonly reason: string }[]): ReadonlyMap<number | null, string> {
  const found = new Map<number | null, string>()
  for (const { field, reason } of faults) {
    const id = /^rooms\.(-?\d+)\./.exec(field)?.[1]
    found.set(id === undefined ? null : Number(id), reason)
  }
  return found
}
