import { api } from './client'
import type { TakenOut } from './client'

export const LOOK_KINDS = ['search', 'reveal', 'open', 'list', 'care', 'export', 'copy', 'warning'] as const
export type LookKind = (typeof LOOK_KINDS)[number]

export const WARNING_STATES = ['new', 'explained', 'followed_up'] as const
export type WarningState = (typeof WARNING_STATES)[number]

export type WarningPattern = 'quota_warning' | 'quota_refused' | 'night' | 'surge' | 'one_person' | 'elsewhere'

/** One look at personal data; `subject` is the number of a person, whose name no auditor is told. */
export interface Look {
  readonly id: number
  readonly at: string
  readonly login: string
  readonly roles: readonly string[]
  readonly unit: string | null
  readonly kind: LookKind
  readonly action: string
  readonly layer: string | null
  readonly subject: number | null
  readonly field: string | null
  readonly rows: number | null
  readonly reason: string | null
  readonly area_code: string
}

/** Which looks; days are those of China, `to` is the last one. */
export interface LookFilter {
  readonly login?: string
  readonly subject?: string
  readonly kind?: string
  readonly area?: string
  readonly from?: string
  readonly to?: string
}

export interface LookCounts extends Readonly<Record<LookKind, number>> {
  readonly key: string | null
  readonly all: number
}

export interface LookFigures {
  readonly total: LookCounts
  readonly accounts: readonly (LookCounts & { readonly roles: readonly string[]; readonly unit: string | null })[]
  readonly days: readonly LookCounts[]
}

/** A spent quota or an unusual pattern; `mark` is the line of the log by which its state was set. */
export interface Warning {
  readonly key: string
  readonly pattern: WarningPattern
  readonly day: string
  readonly login: string | null
  readonly roles: readonly string[]
  readonly unit: string | null
  readonly subject: number | null
  readonly kind: string | null
  readonly period: string | null
  readonly amount: number
  readonly usual: number | null
  readonly threshold: number
  readonly first_at: string
  readonly last_at: string
  readonly areas: readonly string[]
  readonly state: WarningState
  readonly remark: string | null
  readonly marked_by: string | null
  readonly marked_at: string | null
  readonly mark: number | null
}

export interface WarningPage {
  readonly items: readonly Warning[]
  readonly counts: Readonly<Record<WarningState, number>>
  readonly next: string | null
}

/** What one rule would touch today. */
export interface RetentionRule {
  readonly name: string
  readonly action: 'erase' | 'deidentify'
  readonly months: number
  readonly least_months: number
  readonly basis: string
  readonly rows: number
  readonly oldest: string | null
}

/** A piece of the log checked; `next` is where the following piece begins. */
export interface ChainPiece {
  readonly broken: boolean
  readonly ids: readonly number[]
  readonly checked: number
  readonly next: number | null
}

const PRIVACY = '/api/privacy'

export const getLooks = (filter: LookFilter, before: number | null, signal?: AbortSignal) =>
  api.get<{ readonly items: readonly Look[]; readonly next: number | null }>(`${PRIVACY}/looks`, { query: { ...filter, before }, signal })

export const getLookFigures = (filter: LookFilter, signal?: AbortSignal) =>
  api.get<LookFigures>(`${PRIVACY}/looks/figures`, { query: { ...filter }, signal })

/** Looks as an Excel file; the server writes reason and filters to the log. Throws ApiError. */
export const takeOutLooks = (filters: LookFilter, reason: string, language: string): Promise<TakenOut> =>
  api.takeOut(`${PRIVACY}/looks/export`, { filters, reason, language })

export const getWarnings = (state: WarningState, after: string | null, signal?: AbortSignal) =>
  api.get<WarningPage>(`${PRIVACY}/warnings`, { query: { state, after }, signal })

/** Throws ApiError 409 when somebody else has marked it since `mark`. */
export const markWarning = ({ key, mark }: Warning, state: WarningState, remark: string) =>
  api.post<Warning>(`${PRIVACY}/warnings/state`, { key, mark, state, remark })

export const getRetention = (signal?: AbortSignal) =>
  api.get<{ readonly rules: readonly RetentionRule[] }>(`${PRIVACY}/retention`, { signal })

export const checkChain = (after: number, signal?: AbortSignal) =>
  api.get<ChainPiece>('/api/audit/check', { query: { after }, signal })

/** All that is held about a person as an Excel file; logged, and counted as a reveal. Throws ApiError. */
export const takeOutCopy = (person: number, reason: string, language: string): Promise<TakenOut> =>
  api.takeOut(`/api/persons/${person}/copy`, { reason, language })
