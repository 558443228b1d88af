import { isKnown } from './people'
import type { Household } from './people'

/** One stay in a room on the axis of its life; shares run from 0 at its beginning to 1 today. */
export interface Stay {
  readonly person: number
  readonly name: string
  /** False for who is registered outside the reader's areas and cannot be opened. */
  readonly isKnown: boolean
  readonly from: string | null
  readonly to: string | null
  readonly start: number
  readonly end: number
}

export interface RoomLife {
  /** The year the axis begins with, and the one it ends in. */
  readonly firstYear: number
  readonly lastYear: number
  /** The latest arrivals first. */
  readonly stays: readonly Stay[]
  /** Where years begin, at most eight of them. */
  readonly years: readonly { readonly year: number; readonly at: number }[]
}

const MOST_YEARS = 8

/** The stays in a room as bars on one axis of whole years; null when no stay has a beginning. */
export function roomLife(households: readonly Household[], today: string): RoomLife | null {
  const members = households.flatMap((household) => household.members)
  const begun = members.flatMap(({ from }) => (from ? [from] : []))
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
  return { firstYear, lastYear, stays, years: yearsOf(firstYear, lastYear, share) }
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
