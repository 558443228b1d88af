import type { Job, Process, ProcessSummary } from '../model/analysis/process'
import type { ResultCollection } from '../model/analysis/result'
import { api } from './client'

/** Below it are the OGC APIs; links that are sent begin with it. */
export const ogcAddress = (): string => `${location.origin}/ogc`

const PROCESSES = '/ogc/processes'
const JOBS = '/ogc/jobs'
const MOST_PROCESSES = 1000

export interface JobList {
  readonly jobs: readonly Job[]
  readonly links: readonly { readonly rel: string }[]
}

/** The analyses that the reader may use, in words of the language. */
export async function listProcesses(lang: string, signal?: AbortSignal) {
  const query = { lang, limit: MOST_PROCESSES }
  return (await api.get<{ readonly processes: readonly ProcessSummary[] }>(PROCESSES, { query, signal })).processes
}

export const getProcess = (id: string, lang: string, signal?: AbortSignal) =>
  api.get<Process>(`${PROCESSES}/${id}`, { query: { lang }, signal })

/** Has an analysis done as a job. Throws ApiError 400 with what is wrong with the inputs. */
export const startJob = (id: string, inputs: Readonly<Record<string, unknown>>) =>
  api.post<Job>(`${PROCESSES}/${id}/execution`, { inputs }, { headers: { Prefer: 'respond-async' } })

/** The reader's own jobs, the newest first. */
export const listJobs = (limit: number, signal?: AbortSignal) => api.get<JobList>(JOBS, { query: { limit }, signal })

/** Ends a job, or forgets what came of it. */
export const dismissJob = (id: string) => api.delete<Job>(`${JOBS}/${id}`)

export const resultAddress = (id: string): string => `${JOBS}/${id}/results`

/** The features that came of a job. Throws ApiError with why it failed. */
export const getResult = (id: string, signal?: AbortSignal) =>
  api.get<ResultCollection>(resultAddress(id), { signal })
