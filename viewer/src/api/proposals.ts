import type { LayerName } from '../generated/layers'
import type { FormValues, Properties } from '../model/form'
import { api } from './client'
import type { Fault } from './client'

export type ProposalState = 'pending' | 'accepted' | 'returned' | 'withdrawn' | 'superseded'
export type ProposalOperation = 'create' | 'update' | 'delete'
export type ProposalStep = 'accept' | 'return' | 'withdraw' | 'replace'

/** A change handed in, as lists tell it; `label` and values are masked where they are sensitive. */
export interface ProposalRow {
  readonly id: number
  readonly layer: LayerName
  readonly feature_id: number | null
  readonly operation: ProposalOperation
  readonly area_code: string
  readonly state: ProposalState
  readonly label: string | null
  readonly fields: readonly string[]
  readonly reason: string | null
  readonly proposed_by: string
  readonly proposed_at: string
  readonly decision: string | null
  readonly decided_by: string | null
  readonly decided_at: string | null
  readonly is_corrected: boolean
  readonly is_mine: boolean
  readonly steps: readonly ProposalStep[]
}

/** One field: before, as proposed, as accepted, and as it is now when somebody changed it since. */
export interface FieldDifference {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
  readonly accepted: unknown
  readonly now: unknown
  readonly is_corrected: boolean
  readonly is_conflict: boolean
}

/** A further change that is written with a proposal or not at all. */
export interface Companion {
  readonly layer: LayerName
  readonly operation: ProposalOperation
  readonly feature_id: number | null
  readonly values: Properties
}

export interface Proposal extends ProposalRow {
  readonly row_version: number | null
  readonly current_version: number | null
  readonly is_stale: boolean
  readonly is_gone: boolean
  readonly values: Properties
  readonly before: Properties
  /** What is written together with it. */
  readonly also: readonly Companion[]
  readonly differences: readonly FieldDifference[]
}

export interface ProposalFigures {
  readonly states: Readonly<Record<ProposalState, number>>
  readonly mine: Readonly<Record<ProposalState, number>>
  readonly days: number
  readonly decided: number
  readonly median_hours: number | null
  readonly slow_hours: number | null
  readonly oldest_hours: number | null
}

export interface ProposalPage {
  readonly items: readonly ProposalRow[]
  readonly next: string | null
}

export interface ProposalQuery {
  readonly state?: ProposalState
  readonly layer?: LayerName
  readonly feature?: number
  readonly mine?: boolean
  readonly after?: string | null
}

export interface NewProposal {
  readonly layer: LayerName
  readonly operation: ProposalOperation
  readonly feature_id?: number | null
  readonly row_version?: number | null
  readonly values?: FormValues
  readonly reason?: string
  readonly replaces?: number
}

/** What became of one of many. */
export interface Decided {
  readonly id: number
  readonly is_done: boolean
  readonly problem: { readonly status: number; readonly detail: string; readonly faults: readonly Fault[] } | null
}

const PATH = '/api/proposals'

export const listProposals = (query: ProposalQuery, signal?: AbortSignal) =>
  api.get<ProposalPage>(PATH, { query: { ...query }, signal })

export const getProposal = (id: number, signal?: AbortSignal) => api.get<Proposal>(`${PATH}/${id}`, { signal })

export const getProposalFigures = (signal?: AbortSignal) => api.get<ProposalFigures>(`${PATH}/figures`, { signal })

/** Throws ApiError: 400 with every fault, 409 when the row has moved on or one of one's own waits. */
export const propose = (body: NewProposal) => api.post<Proposal>(PATH, body)

/** Throws ApiError 409 when the row has moved on from `version`. */
export const acceptProposal = (id: number, values: FormValues, version: number | null, reason: string) =>
  api.post<Proposal>(`${PATH}/${id}/accept`, { values, row_version: version, reason })

export const returnProposal = (id: number, reason: string) => api.post<Proposal>(`${PATH}/${id}/return`, { reason })

export const withdrawProposal = (id: number) => api.post<Proposal>(`${PATH}/${id}/withdraw`, {})

export async function decideProposals(ids: readonly number[], step: 'accept' | 'return', reason: string) {
  return (await api.post<{ readonly items: readonly Decided[] }>(`${PATH}/decide`, { ids, step, reason })).items
}
