import type { Population } from '../model/population'
import { api } from './client'

/** Who lives in an area by what is named: a level below it and kinds of category. */
export const getPopulation = (area: string, by: readonly string[], months: number, signal?: AbortSignal) =>
  api.get<Population>('/api/statistics/population', { query: { area, by: by.join(','), months }, signal })
