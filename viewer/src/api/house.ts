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

/** The house as it is lived in now, or was on a day (YYYY-MM-DD). */
export const getHouse = (building: number, on: string | null, signal?: AbortSignal) =>
  api.get<House>(`/api/buildings/${building}/house`, { query: { on }, signal })

/** Who lives in the dwelling now, or lived there on a day; `former` adds all who moved out. */
export const getResidents = (dwelling: number, on: string | null, former: boolean, signal?: AbortSignal) =>
  api.get<DwellingResidents>(`/api/dwellings/${dwelling}/residents`, {
    query: { on, former: former ? true : null },
    signal,
  })

/** The floors of a building and the outlines of its rooms, as there are now. */
export const getBoxes = (building: number, signal?: AbortSignal) =>
  api.get<Boxes>(`/api/buildings/${building}/boxes`, { signal })
