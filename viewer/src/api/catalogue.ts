import type { LayerName } from '../generated/layers'
import type { Bounds } from '../model/geography'
import { api } from './client'

/** One code of a code table. */
export interface Code {
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly parent?: string | null
  readonly edition?: string | null
  /** false for a code that has ended. */
  readonly valid?: boolean
}

export type CodeTables = Readonly<Record<string, readonly Code[]>>

/** What the reader may see in one glance: extent, rows of each layer, the area that holds it all. */
export interface Summary {
  readonly extent: Bounds | null
  readonly counts: Readonly<Partial<Record<LayerName, number>>>
  readonly area: { readonly code: string; readonly name: string } | null
}

export const getCodes = () => api.get<CodeTables>('/api/codes')
export const getSummary = () => api.get<Summary>('/api/summary')
