import type { Report } from './report'

/** What the server said against a report; it waits for its author then. */
export interface Refusal {
  readonly status: number
  readonly detail: string
  /** Ids of the open cases it may double; empty when that is not the matter. */
  readonly similar: readonly number[]
}

/** A report kept on this device until it can be sent: by whom, when, with which key, into which case. */
export interface WaitingReport {
  readonly key: string
  readonly account: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly report: Report
  readonly into: number | null
  readonly refusal: Refusal | null
}

/** Answers that say nothing about the report: no network, or a server that is not there just now. */
const NOT_NOW: readonly number[] = [0, 502, 503, 504]

/** Whether the same report may be taken later. */
export function isNotNow(status: number): boolean {
  return NOT_NOW.includes(status)
}

/**
 * The report as it is kept, plain enough for the browser's store. It happened no later than now: what is sent
 * hours later still tells of that time.
 */
export function keptReport(report: Report, now: Date): Report {
  const values = { ...report.values, occurred_at: report.values.occurred_at ?? now.toISOString() }
  const { place, reporters, condition, photos, seen } = report
  const plain = JSON.parse(JSON.stringify({ place, values, reporters, condition, seen })) as Omit<Report, 'photos'>
  return { ...plain, photos: [...photos] }
}

/** The report again, after its author has seen what it may double. */
export function sentAnyway(waiting: WaitingReport): WaitingReport {
  const seen = [...new Set([...waiting.report.seen, ...(waiting.refusal?.similar ?? [])])]
  return { ...waiting, report: { ...waiting.report, seen }, refusal: null }
}
