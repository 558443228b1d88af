import type { MatrixStep, NewRoom } from '../model/matrixEdit'
import { api } from './client'

export interface MatrixRule {
  readonly units: readonly string[]
  readonly lowest: number
  readonly highest: number
  readonly rooms: number
  readonly pattern: string
  readonly skipped: readonly number[]
  readonly mezzanines: readonly number[]
  readonly shops: number
  readonly shop_rooms: number | null
  readonly beds: number | null
}

/** A room as the rule makes it; `id` is that of the room already there. */
export type PlannedRoom = Omit<NewRoom, 'id'> & { readonly id: number | null }

export interface MatrixPreview {
  readonly rooms: readonly PlannedRoom[]
  readonly new: number
  readonly kept: number
  readonly there: number
}

/** Does the steps, all or none, once for each key. Throws ApiError: 400 with the faults, 409 when somebody else has saved. */
export const saveMatrix = (building: number, version: number, steps: readonly MatrixStep[], key: string) =>
  api.post<{ readonly row_version: number }>(
    `/api/buildings/${building}/matrix`,
    { row_version: version, steps },
    { headers: { 'Idempotency-Key': key } },
  )

/** What a rule makes; nothing is written. Throws ApiError with the faults of the rule. */
export const previewMatrix = (building: number, rule: MatrixRule) =>
  api.post<MatrixPreview>(`/api/buildings/${building}/matrix/preview`, rule)
