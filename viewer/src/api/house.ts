import type { Boxes } from '../model/boxes'
import type { House } from '../model/house'
import type { Household } from '../model/people'
import type { LineageLine } from '../model/roomLife'
import { api } from './client'

/** A dwelling with the households in it, now and before. */
export interface DwellingResidents {
  readonly dwelling: Readonly<Record<string, unknown>> & {
    readonly id: number
    /** Whether one may register people in it, or propose to. */
    readonly may_register: boolean
    readonly may_propose: boolean
  }
  /** What became of the room, the latest first. */
  readonly lineage: readonly LineageLine[]
  readonly households: readonly Household[]
}

const asked = new Map<string, Promise<House>>()

/**
 * The house as it is lived in now, or was on a day (YYYY-MM-DD). The map and the panel want it in the same moment: it is
 * asked for once. Later calls ask anew, so that nobody is given what was read before a change.
 */
export function getHouse(building: number, on: string | null): Promise<House> {
  const key = `${building}/${on ?? ''}`
  const before = asked.get(key)
  if (before) return before
  const answer = api.get<House>(`/api/buildings/${building}/house`, { query: { on } })
  asked.set(key, answer)
  setTimeout(() => asked.delete(key), 0)
  return answer
}

/** Who lives in the dwelling now, or lived there on a day; `former` adds all who moved out. */
export const getResidents = (dwelling: number, on: string | null, former: boolean, signal?: AbortSignal) =>
  api.get<DwellingResidents>(`/api/dwellings/${dwelling}/residents`, {
    query: { on, former: former ? true : null },
    signal,
  })

/** The floors of a building and the outlines of its rooms, as there are now. */
export const getBoxes = (building: number, signal?: AbortSignal) =>
  api.get<Boxes>(`/api/buildings/${building}/boxes`, { signal })
