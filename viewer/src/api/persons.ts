import type { LayerName } from '../generated/layers'
import type { FoundPerson, Home, HouseholdMember } from '../model/people'
import { api } from './client'

/** A row that was merged into another; its history stays its own. */
export interface MergedPerson {
  readonly id: number
  readonly name: string
  readonly id_number: string | null
  readonly merged_at: string
  readonly merged_by: string | null
}

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
    readonly row_version: number
  }
  readonly homes: readonly Home[]
  readonly household: readonly HouseholdMember[]
  /** Rows of the same person merged into this one. */
  readonly merged: readonly MergedPerson[]
  readonly editable: boolean
}

/** Names one sealed value of one row, or of a proposal that waits. */
export interface SealedValue {
  readonly layer: LayerName | 'proposals'
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

/** As it is, or as it was on a day (YYYY-MM-DD). */
export const getPersonHouses = (person: number, on: string | null, signal?: AbortSignal) =>
  api.get<PersonHouses>(`/api/persons/${person}/houses`, { query: { on }, signal })

/** The open text of a sealed value. The server writes reason and reader to the audit log. */
export async function reveal(value: SealedValue, reason: string): Promise<string> {
  const { layer, id, field } = value
  const answer = await (layer === 'proposals'
    ? api.post<{ readonly value: string }>(`/api/proposals/${id}/reveal`, { field, reason })
    : api.post<{ readonly value: string }>('/api/reveal', { layer, id, field, reason }))
  return answer.value
}
