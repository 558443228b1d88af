import type { LonLat } from './geography'
import { classOf } from './houseLook'
import type { CaredRooms, HouseLook, RoomClass } from './houseLook'

/** One room of a building as it stands in the matrix; floors below ground are negative, 1.5 is the mezzanine over 1. */
export interface HouseRoom {
  readonly id: number
  readonly unit: string
  readonly floor: number
  readonly room: string
  /** Place among the rooms of the same unit and floor, counted from 1. */
  readonly column: number | null
  /** Columns and floors it takes, the latter upwards. */
  readonly columns_wide: number
  readonly floors_high: number
  readonly usage: string | null
  readonly tenure: string | null
  readonly area: number | null
  readonly state: string | null
  readonly beds: number | null
  /** The day a let room is due to be inspected. */
  readonly next_inspection: string | null
  readonly residents: number
  readonly households: number
}

export interface HouseBuilding extends LonLat {
  readonly id: number
  readonly name: string | null
  readonly number?: string | null
  readonly compound?: string | null
  readonly address: string | null
  readonly levels: number | null
  readonly levels_below: number | null
  readonly levels_estimated?: boolean
  readonly skipped_floors?: string | null
  /** Changes with every edit of the rooms. */
  readonly row_version: number
}

/** A building with its rooms (楼盘表); floors come top first. */
export interface House {
  readonly building: HouseBuilding
  readonly units: readonly string[]
  readonly floors: readonly number[]
  readonly rooms: readonly HouseRoom[]
  readonly counts: { readonly rooms: number; readonly households: number; readonly residents: number }
  readonly people_visible: boolean
}

/** The columns that one unit takes up in the matrix, `start` counted from 0 over all units. */
export interface MatrixUnit {
  readonly unit: string
  readonly start: number
  readonly columns: number
  readonly figures: MatrixFigures
}

/** How many rooms and residents there are in a unit or on a floor. */
export interface MatrixFigures {
  readonly rooms: number
  readonly residents: number
}

export interface MatrixCell {
  readonly room: HouseRoom
  readonly unit: string
  /** Column over all units, from 0. */
  readonly column: number
  readonly look: RoomClass
}

export interface MatrixFloor {
  readonly floor: number
  readonly cells: readonly MatrixCell[]
  readonly figures: MatrixFigures
}

/** Rooms laid out: units side by side, one row a floor, the highest first. */
export interface HouseMatrix {
  readonly units: readonly MatrixUnit[]
  readonly floors: readonly MatrixFloor[]
  readonly columns: number
  /** True for houses better shown as rooms in running order than as a table: wide and low. */
  readonly isFlat: boolean
  /** How many rooms each class of the look has. */
  readonly counts: ReadonlyMap<string, number>
}

/** More columns than this in a house of at most FLAT_FLOORS floors are wrapped. */
const FLAT_COLUMNS = 12
const FLAT_FLOORS = 3

const inNaturalOrder = new Intl.Collator('zh-CN', { numeric: true }).compare

/**
 * Columns of the rooms of one unit on one floor, from 0. The server's columns are kept when each
 * is given once; otherwise rooms stand in the order of their numbers.
 */
export function placeRooms(rooms: readonly HouseRoom[]): ReadonlyMap<number, number> {
  const given = rooms.map((room) => room.column)
  const areUsable =
    given.every((column) => column !== null && column >= 1) && new Set(given).size === rooms.length
  const ordered = [...rooms].sort((a, b) => inNaturalOrder(a.room, b.room) || a.id - b.id)
  return new Map(
    ordered.map((room, index) => [room.id, areUsable ? (room.column ?? 1) - 1 : index]),
  )
}

function unitsOf(house: House): string[] {
  const known = new Set(house.units)
  const missing = new Set(house.rooms.map((room) => room.unit).filter((unit) => !known.has(unit)))
  return [...house.units, ...[...missing].sort(inNaturalOrder)]
}

function floorsOf(house: House): number[] {
  const floors = new Set([...house.floors, ...house.rooms.map((room) => room.floor)])
  return [...floors].sort((a, b) => b - a)
}

function countClasses(cells: readonly MatrixCell[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { look } of cells) counts.set(look.key, (counts.get(look.key) ?? 0) + 1)
  return counts
}

function figuresOf(rooms: readonly HouseRoom[]): MatrixFigures {
  return { rooms: rooms.length, residents: rooms.reduce((sum, room) => sum + room.residents, 0) }
}

/** Lays a house out as a matrix, its rooms classed by a look. Every room has exactly one cell; no two share a place. */
export function layOutHouse(house: House, look: HouseLook = 'tenure', today = '', cared: CaredRooms = new Map()): HouseMatrix {
  const floors = floorsOf(house)
  const places = new Map<number, number>()
  const units: MatrixUnit[] = []
  let start = 0
  for (const unit of unitsOf(house)) {
    let columns = 0
    for (const floor of floors) {
      const rooms = house.rooms.filter((room) => room.unit === unit && room.floor === floor)
      for (const [id, column] of placeRooms(rooms)) {
        places.set(id, start + column)
        const wide = rooms.find((room) => room.id === id)?.columns_wide ?? 1
        columns = Math.max(columns, column + wide)
      }
    }
    if (columns === 0 && house.rooms.length > 0) columns = 1
    units.push({ unit, start, columns, figures: figuresOf(house.rooms.filter((room) => room.unit === unit)) })
    start += columns
  }
  const rows = floors.map((floor) => {
    const rooms = house.rooms.filter((room) => room.floor === floor)
    return { floor, cells: cellsOf(rooms, places, look, today, cared), figures: figuresOf(rooms) }
  })
  return {
    units,
    floors: rows,
    columns: start,
    isFlat: rows.length <= FLAT_FLOORS && start > FLAT_COLUMNS,
    counts: countClasses(rows.flatMap((row) => row.cells)),
  }
}

function cellsOf(
  rooms: readonly HouseRoom[],
  places: ReadonlyMap<number, number>,
  look: HouseLook,
  today: string,
  cared: CaredRooms,
): MatrixCell[] {
  return rooms
    .map((room) => ({ room, unit: room.unit, column: places.get(room.id) ?? 0, look: classOf(look, room, today, cared) }))
    .sort((a, b) => a.column - b.column)
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'rowStart' | 'rowEnd' | 'first' | 'last'

const DIRECTION: Readonly<Record<string, Step>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'rowStart',
  End: 'rowEnd',
  PageUp: 'first',
  PageDown: 'last',
}

/** The step a key asks for; null for any other key. */
export function stepOfKey(key: string): Step | null {
  return DIRECTION[key] ?? null
}

function nearest(cells: readonly MatrixCell[], column: number): MatrixCell | undefined {
  return cells.reduce<MatrixCell | undefined>(
    (best, cell) =>
      best === undefined || Math.abs(cell.column - column) < Math.abs(best.column - column)
        ? cell
        : best,
    undefined,
  )
}

/** The room reached from `from` by one step; the same room at an edge, null for an empty house. */
export function stepTo(matrix: HouseMatrix, from: number | null, step: Step): number | null {
  const rows = matrix.floors.filter((row) => row.cells.length > 0)
  const row = rows.findIndex((each) => each.cells.some((cell) => cell.room.id === from))
  const cells = rows[row]?.cells
  if (!cells) return rows[0]?.cells[0]?.room.id ?? null
  const index = cells.findIndex((cell) => cell.room.id === from)
  const column = cells[index]?.column ?? 0
  const reached: Readonly<Record<Step, MatrixCell | undefined>> = {
    left: cells[index - 1],
    right: cells[index + 1],
    up: nearest(rows[row - 1]?.cells ?? [], column),
    down: nearest(rows[row + 1]?.cells ?? [], column),
    rowStart: cells[0],
    rowEnd: cells.at(-1),
    first: rows[0]?.cells[0],
    last: rows.at(-1)?.cells.at(-1),
  }
  return reached[step]?.room.id ?? from
}

/** Short name of a floor: 18, B1 below ground, 1夹 for the mezzanine over floor 1. */
export function floorLabel(floor: number): string {
  const whole = Math.floor(floor)
  return (whole < 0 ? `B${-whole}` : String(whole)) + (whole === floor ? '' : '夹')
}
