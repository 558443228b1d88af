import type { HouseRoom } from './house'
import { classOf } from './houseLook'
import type { CaredRooms, HouseLook, RoomClass } from './houseLook'
import type { Position } from './shape'

/** Polygons, rings, positions in degrees. */
export type Outline = readonly (readonly (readonly Position[])[])[]

/** A building that can be opened: floors top first, those below ground negative; lengths in metres. */
export interface Boxes {
  readonly building_id: number
  readonly storey: number
  readonly floors: readonly number[]
  readonly footprint: Outline
  readonly shapes: readonly Outline[]
  readonly boxes: readonly { readonly id: number; readonly floor: number; readonly shape: number }[]
}

/** How the floors are shown. */
export interface Opening {
  /** The floor looked at: those above are taken off, those below step back. Null for all. */
  readonly floor: number | null
  /** Whether the floors stand apart, so that one can look in between. */
  readonly isSpread: boolean
  /** What rooms are coloured by on the day `today` in China. */
  readonly colouredBy: HouseLook
  readonly today: string
  /** Rooms with somebody in care, when they are coloured by it. */
  readonly cared?: CaredRooms
  /** Rooms of other classes step back; null for none. */
  readonly pickedOut?: string | null
}

/** One room as a box; `base` and `height` in metres above the ground. */
export interface RoomBox {
  readonly room: HouseRoom
  readonly look: RoomClass
  readonly outline: Outline
  readonly base: number
  readonly height: number
  /** True for rooms of floors below the one looked at, and of classes not picked out. */
  readonly isBack: boolean
}

/** What a floor stands on. */
export interface Slab {
  readonly floor: number
  readonly outline: Outline
  readonly base: number
}

export interface OpenBuilding {
  readonly slabs: readonly Slab[]
  readonly rooms: readonly RoomBox[]
  /** Metres from the ground to the top of what is shown. */
  readonly top: number
}

/** Thickness of a floor's slab and the least gap above its rooms, in metres. */
export const SLAB_METRES = 0.25
const GAP_METRES = 0.55
const SPREAD_METRES = 2.6

/**
 * Stacks the floors of a building. The lowest stands on the ground, cellars too: nothing is hidden below it.
 * Rooms the house does not list (the reader's scope, a change meanwhile) have no box.
 */
export function stackFloors(boxes: Boxes, rooms: readonly HouseRoom[], opening: Opening): OpenBuilding {
  const step = boxes.storey + (opening.isSpread ? SPREAD_METRES : 0)
  const upwards = [...boxes.floors].sort((a, b) => a - b)
  const shown = upwards.filter((floor) => opening.floor === null || floor <= opening.floor)
  const baseOf = new Map(shown.map((floor, index) => [floor, index * step]))
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const height = boxes.storey - SLAB_METRES - GAP_METRES
  const made = boxes.boxes.flatMap(({ id, floor, shape }): RoomBox[] => {
    const room = byId.get(id)
    const base = baseOf.get(floor)
    const outline = boxes.shapes[shape]
    if (!room || base === undefined || !outline) return []
    const look = classOf(opening.colouredBy, room, opening.today, opening.cared)
    const isPicked = (opening.pickedOut ?? look.key) === look.key
    const isBack = !isPicked || (opening.floor !== null && floor !== opening.floor)
    return [{ room, look, outline, base: base + SLAB_METRES, height, isBack }]
  })
  return {
    slabs: shown.map((floor) => ({ floor, outline: boxes.footprint, base: baseOf.get(floor) ?? 0 })),
    rooms: made,
    top: shown.length * step,
  }
}

/** The rooms of one floor, for the plan in 2D. */
export function planOf(boxes: Boxes, rooms: readonly HouseRoom[], opening: Opening & { readonly floor: number }): readonly RoomBox[] {
  const here = boxes.boxes.filter(({ floor }) => floor === opening.floor)
  return stackFloors({ ...boxes, boxes: here }, rooms, opening).rooms
}
