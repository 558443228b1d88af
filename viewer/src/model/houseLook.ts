import type { CaredRoom } from '../api/care'
import { daysUntil } from './chinaTime'
import type { HouseRoom } from './house'

/** What the rooms of a house are coloured by. */
export type HouseLook = 'tenure' | 'usage' | 'state' | 'inspection' | 'care'

/** `care` is for holders of its right only. */
export const HOUSE_LOOKS: readonly HouseLook[] = ['tenure', 'usage', 'state', 'inspection', 'care']

/** Rooms with somebody in care, by dwelling. */
export type CaredRooms = ReadonlyMap<number, CaredRoom>

/** The colours a room can have; `none` is for what is not known, `alert` for what waits to be done. */
export type RoomTone = 'self' | 'rented' | 'vacant' | 'other' | 'none' | 'alert'

/** One class of a look: its key names it in the locale files. */
export interface RoomClass {
  readonly key: string
  readonly tone: RoomTone
}

/** An inspection within this many days is due soon. */
const SOON_DAYS = 7

const NONE: RoomClass = { key: 'none', tone: 'none' }
const TENURE: readonly RoomClass[] = [
  { key: 'self', tone: 'self' },
  { key: 'rented', tone: 'rented' },
  { key: 'vacant', tone: 'vacant' },
  { key: 'other', tone: 'other' },
]
const USAGE: readonly RoomClass[] = [
  { key: 'home', tone: 'self' },
  { key: 'shared', tone: 'rented' },
  { key: 'business', tone: 'other' },
  { key: 'public', tone: 'vacant' },
]
const STATE: readonly RoomClass[] = [
  { key: 'collected', tone: 'self' },
  { key: 'partly', tone: 'rented' },
  { key: 'open', tone: 'alert' },
  { key: 'vacant', tone: 'vacant' },
  { key: 'demolished', tone: 'other' },
]
const INSPECTION: readonly RoomClass[] = [
  { key: 'overdue', tone: 'alert' },
  { key: 'soon', tone: 'rented' },
  { key: 'later', tone: 'self' },
]
const CARE: readonly RoomClass[] = [
  { key: 'overdue', tone: 'alert' },
  { key: 'cared', tone: 'other' },
]
const CLASSES: Readonly<Record<HouseLook, readonly RoomClass[]>> = {
  tenure: [...TENURE, NONE],
  usage: [...USAGE, NONE],
  state: [...STATE, NONE],
  inspection: [...INSPECTION, NONE],
  care: [...CARE, NONE],
}

/** Codes of the table `tenure` that have a class of their own. */
const OF_TENURE: Readonly<Record<string, string>> = { T2: 'self', T3: 'rented', T5: 'vacant' }
/** Codes of the table `house_use`: dormitories and sheds are lived in by many. */
const OF_USAGE: Readonly<Record<string, string>> = {
  U1: 'home', U2: 'shared', U3: 'shared', U4: 'business', U5: 'business', U7: 'business', U6: 'public', U8: 'public',
}

/** The classes of a look, in the order of its legend; what is not known stands last. */
export function classesOf(look: HouseLook): readonly RoomClass[] {
  return CLASSES[look]
}

/** The class of a room; `today` is a day in China, `2026-10-01`. */
export function classOf(look: HouseLook, room: Looked, today: string, cared: CaredRooms = new Map()): RoomClass {
  const key = look === 'care' ? careKey(cared.get(room.id)) : keyOf(look, room, today)
  return CLASSES[look].find((each) => each.key === key) ?? NONE
}

/** The colour of a room by how it is held. */
export function tenureTone(tenure: string | null): RoomTone {
  const key = tenureKey(tenure)
  return TENURE.find((each) => each.key === key)?.tone ?? NONE.tone
}

function tenureKey(tenure: string | null): string | null {
  return tenure ? (OF_TENURE[tenure] ?? 'other') : null
}

function careKey(room: CaredRoom | undefined): string | null {
  return room ? (room.overdue ? 'overdue' : 'cared') : null
}

type Looked = Pick<HouseRoom, 'id' | 'tenure' | 'usage' | 'state' | 'next_inspection'>

function keyOf(look: HouseLook, room: Looked, today: string): string | null {
  if (look === 'tenure') return tenureKey(room.tenure)
  if (look === 'usage') return room.usage ? (OF_USAGE[room.usage] ?? 'public') : null
  if (look === 'state') return room.state
  if (!room.next_inspection) return null
  const days = daysUntil(room.next_inspection, today)
  if (days < 0) return 'overdue'
  return days <= SOON_DAYS ? 'soon' : 'later'
}
