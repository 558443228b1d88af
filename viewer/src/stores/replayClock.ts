import { computed, ref, shallowRef } from 'vue'
import { atSpeed, DAY_SECONDS, secondAt, setTo, started, stopped } from '../model/replay/clock'
import type { ReplayClock } from '../model/replay/clock'

/** The one clock of a replay; `end` is the second after which there is nothing to see, `begin` where it starts anew. */
export function useReplayClock(begin: () => number, end: () => number) {
  const clock = shallowRef<ReplayClock>({ second: 0, startedAt: null, speed: 60 })
  /** What the clock shows, renewed while it goes by whoever draws. */
  const second = ref(0)
  const isPlaying = computed(() => clock.value.startedAt !== null)

  function take(next: ReplayClock) {
    clock.value = next
    second.value = secondAt(next, performance.now())
  }

  function look(): number {
    second.value = secondAt(clock.value, performance.now())
    if (isPlaying.value && second.value >= DAY_SECONDS) pause()
    return second.value
  }

  const pause = () => take(stopped(clock.value, performance.now()))
  const seek = (to: number) => take(setTo(clock.value, to, performance.now()))
  const setSpeed = (speed: number) => take(atSpeed(clock.value, speed, performance.now()))

  function play() {
    if (second.value >= end()) seek(begin())
    take(started(clock.value, performance.now()))
  }

  return { clock, second, isPlaying, look, play, pause, seek, setSpeed }
}
