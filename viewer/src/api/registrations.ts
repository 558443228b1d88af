import type { FormValues } from '../model/form'
import type { Home } from '../model/people'
import { api, ApiError } from './client'

export type Likeness = 'id_number' | 'name_birth_date' | 'name_phone'

/** Somebody registered already who may be the same person; masked. */
export interface AlikePerson {
  readonly id: number
  readonly name: string
  readonly id_number: string | null
  readonly phone: string | null
  readonly sex: string | null
  readonly age: number | null
  readonly register: string | null
  readonly row_version: number
  readonly homes: readonly Home[]
  readonly alike: readonly Likeness[]
}

export interface Duplicates {
  readonly items: readonly AlikePerson[]
  /** Another area has the number; nothing more is told. */
  readonly is_held_elsewhere: boolean
}

export interface Registration {
  readonly person?: FormValues
  readonly person_id?: number
  readonly residence: FormValues
  readonly leaves?: { readonly id: number; readonly row_version: number }
  readonly reason?: string
  readonly is_another?: boolean
}

/** The rows written, or the proposal that holds them. */
export interface Registered {
  readonly person_id: number | null
  readonly residence_id: number | null
  readonly proposal_id: number | null
}

/** Throws ApiError: 400 with every fault, 409 with persons alike or when something has changed. */
export const registerResident = (dwelling: number, body: Registration, key: string) =>
  api.post<Registered>(`/api/dwellings/${dwelling}/residents`, body, { headers: { 'Idempotency-Key': key } })

export const findDuplicates = (body: FormValues, signal?: AbortSignal) =>
  api.post<Duplicates>('/api/persons/duplicates', body, { signal })

export async function getAlike(person: number, signal?: AbortSignal): Promise<readonly AlikePerson[]> {
  return (await api.get<{ readonly items: readonly AlikePerson[] }>(`/api/persons/${person}/alike`, { signal })).items
}

/** Throws ApiError 409 when either has changed since it was read. */
export const mergePersons = (person: number, version: number, merged: number, mergedVersion: number, reason: string) =>
  api.post<{ readonly person_id: number }>(`/api/persons/${person}/merge`, {
    row_version: version,
    merged,
    merged_version: mergedVersion,
    reason,
  })

/** The persons alike because of whom a registration was refused; null for another error. */
export function duplicatesOf(error: unknown): Duplicates | null {
  const found = error instanceof ApiError ? error.members.duplicates : null
  return found && typeof found === 'object' ? (found as Duplicates) : null
}
