import { dayBefore } from './chinaTime'
import { isKnown } from './people'
import type { Household } from './people'

/** One stay in a room on the axis of its life; shares run from 0 at its beginning to 1 today. */
interface Stay {
  readonly person: number
  readonly name: string
  /** False for who is registered outside the reader's areas and cannot be opened. */
  readonly isKnown: boolean
  readonly from: string | null
  readonly to: string | null
  readonly start: number
  readonly end: number
}

/** One line of a room's lineage as the server tells it: the room that stays, and the other one. */
export interface LineageLine {
  readonly kind: 'merge' | 'split' | 'renumber'
  readonly on_day: string
  readonly dwelling_id: number
  readonly other_id: number | null
  /** Number of the other room; of a renumbering the number before. */
  readonly room: string
}

type LineageKind = 'mergedFrom' | 'mergedInto' | 'splitFrom' | 'splitInto' | 'renumbered'

/** Where a room came from or what became of it, marked on the axis of its life. */
export interface LifeMark {
  readonly kind: LineageKind
  readonly day: string
  readonly at: number
  readonly room: string
  /** The other room; null where there is none. */
  readonly other: number | null
  /** The day on which the other room is found as it was then; null for now. */
  readonly opensOn: string | null
}

export interface RoomLife {
  /** The year the axis begins with, and the one it ends in. */
  readonly firstYear: number
  readonly lastYear: number
  /** The latest arrivals first. */
  readonly stays: readonly Stay[]
  /** The latest first. */
  readonly marks: readonly LifeMark[]
  /** Where years begin, at most eight of them. */
  readonly years: readonly { readonly year: number; readonly at: number }[]
}

const MOST_YEARS = 8

/** The stays in a room as bars, its lineage as marks, on one axis of whole years; null when nothing has a day. */
export function roomLife(households: readonly Household[], today: string, room = 0, lineage: readonly LineageLine[] = []): RoomLife | null {
  const members = households.flatMap((household) => household.members)
  const begun = [...members.flatMap(({ from }) => (from ? [from] : [])), ...lineage.map(({ on_day }) => on_day)]
  if (begun.length === 0) return null
  const firstYear = Math.min(...begun.map(yearOf))
  const lastYear = Math.max(yearOf(today), ...begun.map(yearOf))
  const first = Date.parse(`${firstYear}-01-01`)
  const last = Math.max(Date.parse(today), ...begun.map((day) => Date.parse(day)))
  const share = (day: string) => Math.min(1, Math.max(0, (Date.parse(day) - first) / Math.max(1, last - first)))
  const stays = members
    .map((member) => {
      const { person_id: person, name, from, to } = member
      return { person, name, isKnown: isKnown(member), from, to, start: from ? share(from) : 0, end: to ? share(to) : 1 }
    })
    .sort((a, b) => b.start - a.start || b.end - a.end)
  const marks = lineage.map((line) => markOf(line, room, today, share(line.on_day)))
  return { firstYear, lastYear, stays, marks, years: yearsOf(firstYear, lastYear, share) }
}

function markOf({ kind, on_day: day, dwelling_id: kept, other_id, room: number }: LineageLine, room: number, today: string, at: number): LifeMark {
  const common = { day, at, room: number }
  if (kind === 'renumber') return { ...common, kind: 'renumbered', other: null, opensOn: null }
  const isKept = kept === room
  const other = isKept ? other_id : kept
  // A room that was merged away, and one before it was split, stood until the day before.
  const stoodBefore = (kind === 'merge') === isKept
  const opensOn = stoodBefore ? dayBefore(day) : day < today ? day : null
  const named: LineageKind = kind === 'merge' ? (isKept ? 'mergedFrom' : 'mergedInto') : isKept ? 'splitInto' : 'splitFrom'
  return { ...common, kind: named, other, opensOn }
}

function yearOf(day: string): number {
  return Number(day.slice(0, 4))
}

function yearsOf(first: number, last: number, share: (day: string) => number): RoomLife['years'] {
  const every = Math.max(1, Math.ceil((last - first + 1) / MOST_YEARS))
  const years: { year: number; at: number }[] = []
  for (let year = first; year <= last; year += every) years.push({ year, at: share(`${year}-01-01`) })
  return years
}
