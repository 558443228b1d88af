import { api } from './client'

export type AddressState = 'pending' | 'accepted' | 'rejected'
export type AddressVerdict = 'sure' | 'unsure' | 'none'
export type AliasKind = 'street' | 'compound' | 'building'
export type AliasReason = 'former' | 'nickname' | 'short'

/** A building, or a room of it, that a text may mean; the score is 0 to 1. */
export interface AddressCandidate {
  readonly building_id: number
  readonly dwelling_id: number | null
  readonly score: number
  readonly title: string
  readonly area_code: string
}

/** What a text means. */
export interface AddressMatch {
  readonly text: string
  readonly canonical: string
  readonly building_id: number | null
  readonly dwelling_id: number | null
  readonly score: number
  readonly verdict: AddressVerdict
  readonly candidates: readonly AddressCandidate[]
}

/** A text of the queue, and what somebody decided. */
export interface AddressReview {
  readonly id: number
  readonly text: string
  readonly source: string
  readonly score: number
  readonly candidates: readonly AddressCandidate[]
  readonly state: AddressState
  readonly building_id: number | null
  readonly dwelling_id: number | null
  readonly created_by: string
  readonly created_at: string
  readonly decided_by: string | null
  readonly decided_at: string | null
}

export interface AddressQueue {
  readonly items: readonly AddressReview[]
  readonly next: number | null
  readonly counts: Readonly<Record<AddressState, number>>
}

/** In an area, `alias` means the road, compound or building `name`. */
interface AddressAlias {
  readonly id: number
  readonly kind: AliasKind
  readonly alias: string
  readonly name: string
  readonly reason: AliasReason
  readonly area_code: string
}

/** The building and the room that a text was found to mean. */
export interface AddressHome {
  readonly building_id: number
  readonly dwelling_id: number | null
}

const PATH = '/api/addresses'

export const getAddressQueue = (state: AddressState, after: number | null, signal?: AbortSignal) =>
  api.get<AddressQueue>(`${PATH}/queue`, { query: { state, after, limit: 50 }, signal })

export const acceptAddress = (id: number, home: AddressHome) =>
  api.post<AddressReview>(`${PATH}/queue/${id}`, { state: 'accepted', ...home })

export const rejectAddress = (id: number) => api.post<AddressReview>(`${PATH}/queue/${id}`, { state: 'rejected' })

/** Reads what each text means; nothing is kept. */
export const matchAddresses = async (texts: readonly string[]) =>
  (await api.post<{ readonly items: readonly AddressMatch[] }>(`${PATH}/match`, { texts })).items

/** Puts the unsure ones into the queue; returns how many are new there. */
export const queueAddresses = async (texts: readonly string[], source: string) =>
  (await api.post<{ readonly queued: number }>(`${PATH}/queue`, { texts, source })).queued

export const getAliases = async (signal?: AbortSignal) =>
  (await api.get<{ readonly items: readonly AddressAlias[] }>(`${PATH}/aliases`, { signal })).items

export const addAlias = (alias: Omit<AddressAlias, 'id'>) => api.post<AddressAlias>(`${PATH}/aliases`, alias)

export const removeAlias = (id: number) => api.delete<null>(`${PATH}/aliases/${id}`)
