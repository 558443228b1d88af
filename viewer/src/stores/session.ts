import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError, setCsrfToken } from '../api/client'
import * as sessionApi from '../api/session'
import type { Me } from '../api/session'
import type { Right } from '../generated/layers'
import { useClock } from './clock'

/** Who is signed in and what that account may do. */
export const useSession = defineStore('session', () => {
  const clock = useClock()
  const me = shallowRef<Me | null>(null)
  /** False until the first answer of the server to "who am I". */
  const isRestored = ref(false)

  /** What is known of the account was kept on this device: the server was out of reach. */
  const isKept = ref(false)

  const areas = computed(() => me.value?.areas ?? [])

  function accept(next: Me | null) {
    me.value = next
    setCsrfToken(next?.csrf ?? null)
  }

  /** Who the server says is signed in; its time sets the clock. */
  async function told(question: () => Promise<Me>): Promise<Me> {
    const asked = Date.now()
    const answer = await question()
    isKept.value = Number.isNaN(Date.parse(answer.server_time))
    clock.synchronise(answer.server_time, asked, Date.now())
    return answer
  }

  function has(right: Right): boolean {
    return me.value?.rights.includes(right) ?? false
  }

  /** Whether the account holds the right, or one of several; what needs none is for everybody. */
  function may(right: Right | readonly Right[] | undefined): boolean {
    if (right === undefined) return true
    return typeof right === 'string' ? has(right) : right.some(has)
  }

  /** Takes up the session of the cookie, if there is one. Throws ApiError when the server fails. */
  async function restore() {
    try {
      accept(await told(sessionApi.getMe))
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      accept(null)
    } finally {
      isRestored.value = true
    }
  }

  async function signIn(login: string, password: string) {
    accept(await told(() => sessionApi.signIn(login, password)))
    isRestored.value = true
  }

  async function signOut() {
    await sessionApi.signOut()
    accept(null)
  }

  /** Back to the sign-in page, for a session that the server no longer knows. */
  function expire() {
    accept(null)
  }

  return { me, areas, isRestored, isKept, has, may, restore, signIn, signOut, expire }
})
