import type { Charge, Vacancy } from '../model/charge'
import { api } from './client'

interface Items<Item> {
  readonly items: readonly Item[]
}

/** Who is in charge of a grid, with those before and after. */
export async function listCharges(grid: number, signal?: AbortSignal) {
  return (await api.get<Items<Charge>>('/api/assignments', { query: { grid, past: true }, signal })).items
}

export async function listVacancies(signal?: AbortSignal) {
  return (await api.get<Items<Vacancy>>('/api/assignments/vacancies', { signal })).items
}
