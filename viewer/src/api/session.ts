import type { Right } from '../generated/layers'
import { api } from './client'

/** One area granted to the account, with the role it holds there. */
export interface GrantedArea {
  readonly code: string
  readonly name: string
  readonly role: string
}

/** The employee behind an account, and the unit it acts for. */
export interface Employee {
  readonly id: number
  readonly name: string
  readonly post: string
  readonly unit_id: number | null
  readonly unit_name: string | null
}

/** Who is signed in. */
export interface Me {
  readonly login: string
  readonly display_name: string
  readonly roles: readonly string[]
  readonly rights: readonly Right[]
  readonly areas: readonly GrantedArea[]
  /** null for an account that belongs to nobody. */
  readonly staff: Employee | null
  readonly csrf: string
  readonly server_time: string
}

export const signIn = (login: string, password: string) =>
  api.post<Me>('/api/session', { login, password })
export const signOut = () => api.delete('/api/session')
export const getMe = () => api.get<Me>('/api/me')
