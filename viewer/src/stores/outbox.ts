import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { ApiError } from '../api/client'
import { joinReport, sendReport } from '../api/reports'
import { isNotNow, keptReport, sentAnyway } from '../model/outbox'
import type { WaitingReport } from '../model/outbox'
import type { Report } from '../model/report'
import { dropWaiting, keepWaiting, readWaiting } from './outboxFile'
import { useSession } from './session'

const AGAIN_MS = 30_000
/** Answers about who asks and how often, not about the report. */
const NOT_THE_REPORT: readonly number[] = [401, 429]

function similarOf({ members }: ApiError): number[] {
  const similar: unknown = members.similar
  if (!Array.isArray(similar)) return []
  return similar.map(({ id }: { id?: unknown }) => id).filter((id) => typeof id === 'number')
}

function detailOf({ detail, title, faults }: ApiError): string {
  return faults.map(({ field, reason }) => `${field}: ${reason}`).join('; ') || detail || title
}

/**
 * Reports made while the server was out of reach: kept on this device, sent by the account that made them as soon
 * as it answers, each once (its key is that of the first attempt).
 */
export const useOutbox = defineStore('outbox', () => {
  const session = useSession()
  const all = shallowRef<readonly WaitingReport[]>([])
  const isSending = ref(false)
  const waiting = computed(() => all.value.filter(({ account }) => account === session.me?.login))
  let timer: ReturnType<typeof setInterval> | undefined

  async function load() {
    all.value = await readWaiting()
  }

  /** Keeps a report of an account until it can be sent. Throws DOMException where the browser keeps nothing. */
  async function keep(report: Report, key: string, into: number | null, account: string) {
    const now = new Date()
    // Not to be cleared away when the device runs short of room; it may say no.
    if ('storage' in navigator) void navigator.storage.persist()
    await keepWaiting({ key, account, at: now.getTime(), report: keptReport(report, now), into, refusal: null })
    await load()
  }

  async function drop(key: string) {
    await dropWaiting(key)
    await load()
  }

  /** True when the next may be tried. */
  async function sendOne(one: WaitingReport): Promise<boolean> {
    try {
      await (one.into === null ? sendReport(one.report, one.key) : joinReport(one.into, one.report, one.key))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      if (isNotNow(error.status) || NOT_THE_REPORT.includes(error.status)) return false
      const refusal = { status: error.status, detail: detailOf(error), similar: similarOf(error) }
      await keepWaiting({ ...one, refusal })
      return true
    }
    await dropWaiting(one.key)
    return true
  }

  /** Sends what waits, the oldest first; stops where the server is not there. */
  async function flush() {
    if (isSending.value) return
    isSending.value = true
    try {
      await load()
      const due = waiting.value.filter(({ refusal }) => refusal === null).sort((a, b) => a.at - b.at)
      for (const one of due) if (!(await sendOne(one))) break
    } finally {
      await load().catch(() => undefined)
      isSending.value = false
    }
  }

  /** Sends a refused report again: as another matter than what it was held to double, or into an open case. */
  async function again(one: WaitingReport, into: number | null = one.into) {
    await keepWaiting({ ...sentAnyway(one), into })
    await flush()
  }

  /** Looks after what waits while somebody is signed in; calling the answer ends that. */
  function start(): () => void {
    const attempt = () => void flush().catch(() => undefined)
    attempt()
    window.addEventListener('online', attempt)
    timer = setInterval(() => waiting.value.length > 0 && attempt(), AGAIN_MS)
    return () => {
      window.removeEventListener('online', attempt)
      clearInterval(timer)
    }
  }

  return { waiting, isSending, keep, drop, flush, again, start }
})
