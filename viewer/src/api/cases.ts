import type { Title } from '../generated/layers'
import { api, download, withQuery } from './client'
import type { Feature } from './features'
import { photoForm } from './photoForm'

export interface StepOption {
  readonly value: string
  readonly zh?: string
  readonly en?: string | null
  readonly limit_value?: number
  readonly limit_unit?: string
}

/** One thing to give with a step; `only_if` names another need and the value that makes this one required. */
export interface StepNeed {
  readonly name: string
  readonly kind: 'text' | 'code' | 'condition' | 'closing' | 'unit' | 'staff' | 'days'
  readonly title: Title
  readonly is_required: boolean
  readonly codes: string | null
  readonly minimum: number | null
  readonly maximum: number | null
  readonly only_if: readonly [string, string] | null
  readonly options: readonly StepOption[] | null
}

/** A step open to the reader now: a button, and what its form asks. */
export interface OpenStep {
  readonly name: string
  readonly title: Title
  readonly is_main: boolean
  readonly is_grave: boolean
  readonly takes_photos: boolean
  readonly needs: readonly StepNeed[]
}

/** One line of the flow record. */
export interface TakenStep {
  readonly id: number
  readonly at: string
  readonly step: string
  readonly title: Title
  readonly from_state: string | null
  readonly to_state: string
  readonly actor: string | null
  readonly role: string | null
  readonly unit: string | null
  readonly to_staff: string | null
  readonly reason: string | null
  readonly inputs: Readonly<Record<string, unknown>> | null
  /** Ids of the photos that came with it. */
  readonly photos: readonly number[]
}

export interface Case {
  readonly incident: Feature
  readonly now: string
  readonly unit: string | null
  readonly handler: string | null
  readonly owner: string | null
  readonly steps: readonly TakenStep[]
  readonly open: readonly OpenStep[]
}

export interface CandidateUnit {
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly distance: number | null
  readonly open: number
  readonly similar: number
  readonly staff: readonly { readonly id: number; readonly name: string; readonly post: string }[]
}

export interface WorkList extends Title {
  readonly name: string
  readonly sort: string
  readonly count: number
}

export interface WorkListRow {
  readonly id: number
  readonly code: string | null
  readonly category: string
  readonly state: string
  readonly place: string | null
  readonly description: string
  readonly area_code: string
  readonly unit: string | null
  readonly handler: string | null
  readonly reported_at: string
  readonly warn_at: string | null
  readonly due_at: string | null
  readonly paused_at: string | null
  readonly closed_at: string | null
  readonly supervision: string | null
  readonly extension_days: number | null
  readonly rework_count: number
  readonly lon: number
  readonly lat: number
}

export interface WorkListPage {
  readonly items: readonly WorkListRow[]
  readonly next: string | null
}

/** What of a list is wanted; what is empty is left out. */
export interface CaseFilter {
  readonly category?: string
  readonly area?: string
  readonly light?: string
  readonly text?: string
  readonly since?: string
}

export type StepInputs = Readonly<Record<string, string | number | null>>

const LISTS = '/api/incidents/lists'

/** Where the tiles of a list are, with its filters. */
export const workListTiles = (name: string, filter: CaseFilter) =>
  withQuery(`${LISTS}/${name}/tiles/{z}/{x}/{y}`, { ...filter })

export const getCase = (id: number, signal?: AbortSignal) => api.get<Case>(`/api/incidents/${id}/case`, { signal })

/** Throws ApiError: 409 when the case is no longer at `version`, 400 with faults by need. */
export const takeStep = (id: number, version: number, step: string, inputs: StepInputs, photos: readonly Blob[]) => {
  const body = { step, row_version: version, inputs }
  return api.post<Case>(`/api/incidents/${id}/steps`, photos.length === 0 ? body : photoForm('step', body, photos))
}

export const getCandidates = async (id: number, signal?: AbortSignal) =>
  (await api.get<{ readonly items: readonly CandidateUnit[] }>(`/api/incidents/${id}/units`, { signal })).items

export const getWorkLists = async (filter: CaseFilter, signal?: AbortSignal) =>
  (await api.get<{ readonly items: readonly WorkList[] }>(LISTS, { query: { ...filter }, signal })).items

export const getWorkListPage = (name: string, filter: CaseFilter, after: string | null, signal?: AbortSignal) =>
  api.get<WorkListPage>(`${LISTS}/${name}`, { query: { ...filter, after }, signal })

/** The list as an Excel file; logged with the reason. */
export const exportWorkList = (name: string, filter: CaseFilter, reason: string, language: string) =>
  download(`${LISTS}/${name}/export`, { ...filter, reason, language })
