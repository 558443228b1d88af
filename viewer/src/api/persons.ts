import type { LayerName } from '../generated/layers'
import type { FoundPerson, Home, HouseholdMember } from '../model/people'
import { api } from './client'

/** A person, masked, with all homes and the people of the present household. */
export interface PersonHouses {
  readonly person: Readonly<Record<string, unknown>> & {
    readonly id: number
    readonly name: string
    readonly id_number: string | null
    readonly phone: string | null
    readonly sex: string | null
    readonly age: number | null
    readonly register: string | null
  }
  readonly homes: readonly Home[]
  readonly household: readonly HouseholdMember[]
}

/** Names one sealed value of one row. */
export interface SealedValue {
  readonly layer: LayerName
  readonly id: number
  readonly field: string
}

export interface FoundPersons {
  readonly items: readonly FoundPerson[]
  /** Whether there are others beside those listed. */
  readonly more?: boolean
}

/** Persons of exactly this name, ID number or phone. The server writes the search to the audit log. */
export const searchPersons = (q: string, signal?: AbortSignal) =>
  api.get<FoundPersons>('/api/persons/search', { query: { q }, signal })

export const getPersonHouses = (person: number, signal?: AbortSignal) =>
  api.get<PersonHouses>(`/api/persons/${person}/houses`, { signal })

/** The open text of a sealed value. The server writes reason and reader to the audit log. */
export async function reveal(value: SealedValue, reason: string): Promise<string> {
  const answer = await api.post<{ readonly value: string }>('/api/reveal', { ...value, reason })
  return answer.value
}
