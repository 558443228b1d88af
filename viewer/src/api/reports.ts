import type { LonLat } from '../model/geography'
import type { Timing } from '../model/lights'
import { joinBody, reportBody } from '../model/report'
import type { Report } from '../model/report'
import { api } from './client'
import { photoForm } from './photoForm'

/** An open case near the place that may be the same matter. */
export interface SimilarCase extends Timing {
  readonly id: number
  readonly code: string | null
  readonly category: string
  readonly state: string
  readonly description: string
  readonly place: string | null
  readonly reported_at: string
  /** Metres. */
  readonly distance: number
  /** How many have told of it. */
  readonly reports: number
  readonly lon: number
  readonly lat: number
}

/** A condition under which a category is registered, and when a case registered now would be due. */
export interface Condition {
  readonly code: string
  readonly name_zh: string
  readonly name_en: string | null
  readonly limit_value: number
  readonly limit_unit: string
  readonly closing_zh: string | null
  readonly closing_en: string | null
  readonly due_at: string | null
}

/** What became of a report. */
export interface SavedReport {
  readonly id: number
  readonly code: string | null
  readonly state: string
  readonly due_at: string | null
  readonly joined: boolean
}

export interface KeptPhoto {
  readonly id: number
  readonly width: number
  readonly height: number
  /** The step it came with. */
  readonly step_id: number | null
}

/** Who told of a case, masked. */
export interface KeptReporter {
  readonly id: number
  readonly name: string | null
  readonly phone: string | null
  readonly report_source: string
  readonly description: string | null
  readonly reported_at: string
}

export interface CaseReports {
  readonly reporters: readonly KeptReporter[]
  readonly photos: readonly KeptPhoto[]
}

const PATH = '/api/incidents'

export const getNearby = async ({ lon, lat }: LonLat, category: string, signal?: AbortSignal) =>
  (await api.get<{ items: SimilarCase[] }>(`${PATH}/nearby`, { query: { lon, lat, category }, signal })).items

export const getConditions = async (category: string, signal?: AbortSignal) =>
  (await api.get<{ items: Condition[] }>(`${PATH}/conditions`, { query: { category }, signal })).items

/** Makes a case of the report, once for each key. Throws ApiError: 409 tells of similar cases not seen. */
export const sendReport = (report: Report, key: string) =>
  api.post<SavedReport>(PATH, photoForm('report', reportBody(report), report.photos), { headers: { 'Idempotency-Key': key } })

/** Adds the report to an open case, once for each key. Throws ApiError. */
export const joinReport = (id: number, report: Report, key: string) =>
  api.post<SavedReport>(`${PATH}/${id}/reports`, photoForm('report', joinBody(report), report.photos), {
    headers: { 'Idempotency-Key': key },
  })

export const getCaseReports = (id: number, signal?: AbortSignal) =>
  api.get<CaseReports>(`${PATH}/${id}/reports`, { signal })

/** Under it lie the photos by id, and the thumbnail of each. */
export const INCIDENT_PHOTOS = `${PATH}/photos`
