export type ChargeRole = 'chief' | 'worker' | 'part_time'

export const CHARGE_ROLES: readonly ChargeRole[] = ['worker', 'chief', 'part_time']

/** Somebody in charge of a grid from one day to another. */
export interface Charge {
  readonly id: number
  readonly row_version: number
  readonly role: ChargeRole
  readonly valid_from: string
  readonly valid_to: string | null
  readonly note: string | null
  readonly is_current: boolean
  readonly staff_id: number
  readonly staff: string
  readonly post: string
  readonly phone: string | null
  readonly grid_id: number
  readonly grid_code: string | null
  readonly grid: string
}

/** A grid that lacks a chief or a full-time worker. */
export interface Vacancy {
  readonly grid_id: number
  readonly code: string
  readonly name: string
  readonly roles: readonly ChargeRole[]
  readonly since: string | null
  readonly lon: number
  readonly lat: number
}
