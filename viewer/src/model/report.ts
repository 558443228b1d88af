import { tidy } from './form'
import type { FormValues } from './form'
import type { LonLat } from './geography'

/** Who told of the matter; what is not known is null or empty. */
export type Reporter = FormValues

/** A report as it is sent: where, what, under which registration condition, who told, pictures. */
export interface Report {
  readonly place: LonLat
  readonly values: FormValues
  /** Code of the condition that the reporter holds to be met; null leaves that to the office. */
  readonly condition: string | null
  readonly reporters: readonly Reporter[]
  readonly photos: readonly Blob[]
  /** Ids of the similar cases that were shown and are another matter. */
  readonly seen: readonly number[]
}

function told(reporters: readonly Reporter[]): FormValues[] {
  return reporters
    .map((reporter) => {
      const known = Object.entries(reporter).map(([name, value]) => [name, tidy(value)] as const)
      return Object.fromEntries(known.filter(([, value]) => value !== null))
    })
    .filter((reporter) => Object.keys(reporter).length > 0)
}

/** The JSON of a new case. */
export function reportBody(report: Report): Readonly<Record<string, unknown>> {
  return {
    ...report.values,
    lon: report.place.lon,
    lat: report.place.lat,
    ...(report.condition && { condition: report.condition }),
    reporters: told(report.reporters),
    seen: report.seen,
  }
}

/** The JSON of a report that joins a case: what it adds to the case. */
export function joinBody(report: Report): Readonly<Record<string, unknown>> {
  return {
    report_source: report.values.report_source ?? null,
    description: report.values.description ?? null,
    reporters: told(report.reporters),
  }
}
