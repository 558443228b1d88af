import type { Population } from '../model/population'
import { api } from './client'
import type { FeatureCollection } from './features'

/** Which persons of an area a number counts; `below` is the first age that is too old. */
export interface PopulationCell {
  readonly sex?: string
  readonly age: number
  readonly below?: number
}

/** Who lives in an area by what is named: a level below it and kinds of category. */
export const getPopulation = (area: string, by: readonly string[], months: number, signal?: AbortSignal) =>
  api.get<Population>('/api/statistics/population', { query: { area, by: by.join(','), months }, signal })

/** The persons a number counts, masked; written to the audit log. */
export const getPopulationPersons = (area: string, cell: PopulationCell, limit: number, after: string | null) =>
  api.get<FeatureCollection>('/api/statistics/population/persons', { query: { area, ...cell, limit, after } })
