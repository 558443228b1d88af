import type { Right } from '../generated/layers'
import { api } from './client'

/** One area granted to the account, with the role it holds there. */
export interface GrantedArea {
  readonly code: string
  readonly name: string
  readonly role: string
}

/** Who is signed in. */
export interface Me {
  readonly login: string
  readonly display_name: string
  readonly roles: readonly string[]
  readonly rights: readonly Right[]
  readonly areas: readonly GrantedArea[]
  readonly csrf: string
  readonly server_time: string
}

export const signIn = (login: string, password: string) =>
  api.post<Me>('/api/session', { login, password })
export const signOut = () => api.delete('/api/session')
export const getMe = () => api.get<Me>('/api/me')
