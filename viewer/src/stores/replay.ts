import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { getReplay } from '../api/replay'
import type { MovedObject, ObjectKind, Replay } from '../api/replay'
import { DAY_SECONDS } from '../model/replay/clock'
import type { ReplayClock } from '../model/replay/clock'
import type { ReplayQuestion } from '../model/url/replay'
import { useReplayClock } from './replayClock'

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

function questionOf(day: string | null, objects: readonly Moving[], { second, speed }: ReplayClock): ReplayQuestion | null {
  return day === null || objects.length === 0 ? null : { day, objects, second: Math.round(second), speed }
}

const idsOf = (objects: readonly Moving[], kind: ObjectKind) =>
  objects.filter((each) => each.kind === kind).map(({ id }) => id)

/** Tracks of chosen staff and vehicles on one day, and the one clock they are shown by. */
export const useReplay = defineStore('replay', () => {
  const day = ref<string | null>(null)
  const chosen = shallowRef<readonly Moving[]>([])
  const followed = ref<string | null>(null)
  const found = shallowRef<Replay | null>(null)
  const failure = shallowRef<unknown>(null)
  const isLoading = ref(false)
  let running = new AbortController()
  let isPlaced = false

  function moments(of: 'first_at' | 'last_at'): number[] {
    return (found.value?.tracks ?? []).map((track) => track[of] - (found.value?.since ?? 0))
  }
  const firstSecond = () => Math.max(0, Math.min(DAY_SECONDS, ...moments('first_at')) - LEAD_SECONDS)
  const lastSecond = () => Math.max(0, ...moments('last_at'))
  const time = useReplayClock(firstSecond, lastSecond)

  function seek(to: number) {
    isPlaced = true
    time.seek(to)
  }

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
    try {
      const replay = await getReplay(day.value, idsOf(chosen.value, 'staff'), idsOf(chosen.value, 'vehicle'), signal)
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
    time.pause()
    day.value = next
    isPlaced = false
    choose([])
  }

  const close = () => openDay(null)

  /** What the URL keeps: the second is that of the last stop, not of every frame. */
  const question = computed(() => questionOf(day.value, chosen.value, time.clock.value))

  function restore(asked: ReplayQuestion | null) {
    if (!asked) return close()
    time.pause()
    day.value = asked.day
    choose(asked.objects)
    time.setSpeed(asked.speed)
    seek(asked.second)
  }

  watch([day, chosen], load)

  return {
    ...time, day, chosen, followed, found, failure, isLoading, question,
    seek, choose, openDay, close, restore, firstSecond, lastSecond,
  }
})
