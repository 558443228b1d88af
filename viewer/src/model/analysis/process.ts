/** What the panel reads of the JSON Schema of an input. */
export interface InputSchema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly maxLength?: number
  readonly default?: unknown
  readonly format?: string
  readonly items?: { readonly type?: string }
  readonly properties?: { readonly type?: { readonly enum?: readonly string[] } }
  /** The layer that conditions are about, where the process has but one. */
  readonly 'x-layer'?: string
}

export interface InputDeclaration {
  readonly title: string
  readonly description?: string
  readonly minOccurs?: number
  readonly schema: InputSchema
}

/** What the list of the server tells of an analysis (OGC API Processes, 18-062r2), in the language asked for. */
export interface ProcessSummary {
  readonly id: string
  readonly title: string
  readonly description: string
}

export interface OutputForm {
  readonly contentMediaType?: string
}

/** An analysis with what it takes and gives. */
export interface Process extends ProcessSummary {
  readonly inputs: Readonly<Record<string, InputDeclaration>>
  readonly outputs: Readonly<Record<string, { readonly title: string; readonly schema: OutputForm & { readonly oneOf?: readonly OutputForm[] } }>>
}

export type JobStatus = 'accepted' | 'running' | 'successful' | 'failed' | 'dismissed'

export interface Job {
  readonly jobID: string
  readonly processID: string
  readonly status: JobStatus
  /** Per cent. */
  readonly progress: number
  readonly created: string
  readonly started?: string
  readonly finished?: string
}

const GEOJSON = 'application/geo+json'

/** Whether a job is not over yet. */
export const isOpen = ({ status }: Job): boolean => status === 'accepted' || status === 'running'

/** The media type a process gives when none is asked for. */
export function mediaTypeOf({ outputs }: Process): string {
  const schema = Object.values(outputs)[0]?.schema
  return schema?.contentMediaType ?? schema?.oneOf?.[0]?.contentMediaType ?? ''
}

/** Whether what a process gives can be shown on the map. */
export const isMappable = (process: Process): boolean => mediaTypeOf(process) === GEOJSON

/** The name of the file of a job's result. */
export function fileNameOf(job: Job, process: Process): string {
  const stamp = job.created.slice(0, 16).replace(/\D/g, '')
  return `${process.id}-${stamp}.${isMappable(process) ? 'geojson' : 'tif'}`
}

/** Milliseconds a job took, or has taken by now; 0 while it waits. */
export function tookOf({ started, finished }: Job, now: number): number {
  return started ? Math.max(0, (finished ? Date.parse(finished) : now) - Date.parse(started)) : 0
}
