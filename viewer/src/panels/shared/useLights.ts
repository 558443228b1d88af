import { onScopeDispose, watchEffect } from 'vue'
import { lightOf, nextChange, timeLeft } from '../../model/lights'
import type { Light, Timing } from '../../model/lights'
import { useClock } from '../../stores/clock'

const MINUTE_MS = 60_000

function earliest(moments: readonly (number | null)[]): number | null {
  const coming = moments.filter((moment) => moment !== null)
  return coming.length > 0 ? Math.min(...coming) : null
}

/**
 * The lights of the cases shown, right to the second: what reads `light` is drawn anew when one of them changes.
 * With `countsDown` also every minute of `left`.
 */
export function useLights(shown: () => readonly Timing[], countsDown = false) {
  const clock = useClock()
  const owner = {}

  function nextMinute(timing: Timing): number | null {
    const left = timeLeft(timing, clock.now)
    if (left === null || timing.closed_at !== null || timing.paused_at !== null) return null
    return clock.now + (((left % MINUTE_MS) + MINUTE_MS) % MINUTE_MS) + 1
  }

  watchEffect(() => {
    const timings = shown()
    const moments = timings.map((timing) => nextChange(timing, clock.now))
    clock.wakeAt(owner, earliest(countsDown ? [...moments, ...timings.map(nextMinute)] : moments))
  })
  onScopeDispose(() => clock.wakeAt(owner, null))

  return {
    light: (timing: Timing): Light | null => lightOf(timing, clock.now),
    /** Milliseconds until the due time, negative after it. */
    left: (timing: Timing): number | null => timeLeft(timing, clock.now),
  }
}
