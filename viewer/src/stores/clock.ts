import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Browsers count timers in 32 bits; a later moment is waited for in steps. */
const LONGEST_WAIT_MS = 3_600_000

/**
 * The server's time, as of the last moment somebody waited for. It does not tick: who shows something that
 * changes with time asks to be woken (`wakeAt`) exactly when it does.
 */
export const useClock = defineStore('clock', () => {
  /** Epoch milliseconds of the server; changes when a moment waited for has come. */
  const now = ref(Date.now())
  const waiting = new Map<object, number>()
  let ahead = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const serverTime = () => Date.now() + ahead

  /** Takes up the server's time, told at some moment between the two (local, epoch milliseconds). */
  function synchronise(told: string, asked: number, answered: number) {
    const server = Date.parse(told)
    if (Number.isNaN(server)) return
    ahead = Math.round(server - (asked + answered) / 2)
    look()
  }

  /** Lets `now` be set at a moment (epoch milliseconds); null waits no more. One moment for each owner. */
  function wakeAt(owner: object, moment: number | null) {
    if (moment === null ? !waiting.delete(owner) : waiting.get(owner) === moment) return
    if (moment !== null) waiting.set(owner, moment)
    plan()
  }

  function plan() {
    clearTimeout(timer)
    if (waiting.size === 0) return
    const wait = Math.min(...waiting.values()) - serverTime()
    timer = setTimeout(look, Math.min(Math.max(wait, 0), LONGEST_WAIT_MS))
  }

  /** Looks what time it is. Owners whose moment has come must name their next one or are forgotten. */
  function look() {
    const time = serverTime()
    for (const [owner, moment] of waiting) if (moment <= time) waiting.delete(owner)
    now.value = time
    plan()
  }

  // Timers stand still in a hidden tab and on a machine asleep.
  document.addEventListener('visibilitychange', look)

  return { now, synchronise, wakeAt, look }
})
