import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { getReplay } from '../api/replay'
import type { MovedObject, ObjectKind, Replay } from '../api/replay'
import { atSpeed, DAY_SECONDS, secondAt, setTo, started, stopped } from '../model/replay/clock'
import type { ReplayClock } from '../model/replay/clock'
import type { ReplayQuestion } from '../model/url/replay'

export interface Moving {
  readonly kind: ObjectKind
  readonly id: number
}

export const MOST_OBJECTS = 100
/** A minute before the first fix, the picture is there to be seen. */
const LEAD_SECONDS = 60

export const keyOf = ({ kind, id }: Moving) => `${kind}:${id}`
export const movingOf = (each: Pick<MovedObject, 'object_kind' | 'object_id'>): Moving => ({
  kind: each.object_kind,
  id: each.object_id,
})

/** Tracks of chosen staff and vehicles on one day, and the one clock they are shown by. */
export const useReplay = defineStore('replay', () => {
  const day = ref<string | null>(null)
  const chosen = shallowRef<readonly Moving[]>([])
  const followed = ref<string | null>(null)
  const found = shallowRef<Replay | null>(null)
  const failure = shallowRef<unknown>(null)
  const isLoading = ref(false)
  const clock = shallowRef<ReplayClock>({ second: 0, startedAt: null, speed: 60 })
  /** What the clock shows, renewed while it goes by whoever draws. */
  const second = ref(0)
  let running = new AbortController()
  let isPlaced = false

  const isPlaying = computed(() => clock.value.startedAt !== null)

  function look(): number {
    second.value = secondAt(clock.value, performance.now())
    if (isPlaying.value && second.value >= DAY_SECONDS) pause()
    return second.value
  }

  function play() {
    if (second.value >= lastSecond()) seek(firstSecond())
    clock.value = started(clock.value, performance.now())
  }

  function pause() {
    clock.value = stopped(clock.value, performance.now())
    second.value = clock.value.second
  }

  function seek(to: number) {
    isPlaced = true
    clock.value = setTo(clock.value, to, performance.now())
    second.value = clock.value.second
  }

  function setSpeed(speed: number) {
    clock.value = atSpeed(clock.value, speed, performance.now())
  }

  function moments(of: 'first_at' | 'last_at'): number[] {
    return (found.value?.tracks ?? []).map((track) => track[of] - (found.value?.since ?? 0))
  }
  const firstSecond = () => Math.max(0, Math.min(DAY_SECONDS, ...moments('first_at')) - LEAD_SECONDS)
  const lastSecond = () => Math.max(0, ...moments('last_at'))

  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    failure.value = null
    if (day.value === null || chosen.value.length === 0) {
      found.value = null
      isLoading.value = false
      return
    }
    isLoading.value = true
    const ids = (kind: ObjectKind) => chosen.value.filter((each) => each.kind === kind).map(({ id }) => id)
    try {
      const replay = await getReplay(day.value, ids('staff'), ids('vehicle'), signal)
      if (signal.aborted) return
      found.value = replay
      if (!isPlaced) seek(firstSecond())
    } catch (error) {
      if (!signal.aborted) failure.value = error
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  function choose(objects: readonly Moving[]) {
    chosen.value = objects.slice(0, MOST_OBJECTS)
    if (followed.value !== null && !objects.some((each) => keyOf(each) === followed.value)) followed.value = null
  }

  function openDay(next: string | null) {
    if (next === day.value) return
    pause()
    day.value = next
    isPlaced = false
    choose([])
  }

  function close() {
    pause()
    openDay(null)
  }

  /** What the URL keeps: the second is that of the last stop, not of every frame. */
  const question = computed<ReplayQuestion | null>(() =>
    day.value === null || chosen.value.length === 0
      ? null
      : { day: day.value, objects: chosen.value.map(({ kind, id }) => ({ kind, id })), second: Math.round(clock.value.second), speed: clock.value.speed },
  )

  function restore(asked: ReplayQuestion | null) {
    if (!asked) return
    pause()
    day.value = asked.day
    choose(asked.objects)
    setSpeed(asked.speed)
    seek(asked.second)
  }

  watch([day, chosen], load)

  return {
    day, chosen, followed, found, failure, isLoading, second, isPlaying, clock, question,
    look, play, pause, seek, setSpeed, choose, openDay, close, restore, firstSecond, lastSecond,
  }
})
