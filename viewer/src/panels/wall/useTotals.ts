import { onBeforeUnmount, shallowRef, watch } from 'vue'
import { getTotals } from '../../api/evaluation'
import type { Totals } from '../../api/evaluation'
import { useLive } from '../../stores/live'
import { useWall } from '../../stores/wall'

const RELOAD_MS = 2_000

/** Totals of the area looked at; loaded anew soon after anything has changed. */
export function useTotals() {
  const live = useLive()
  const wall = useWall()
  const totals = shallowRef<Totals | null>(null)
  const failure = shallowRef<unknown>(null)
  let aborter = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load() {
    aborter.abort()
    aborter = new AbortController()
    const { signal } = aborter
    try {
      const found = await getTotals(wall.view.area, signal)
      if (signal.aborted) return
      totals.value = found
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  function loadLater() {
    timer ??= setTimeout(() => {
      timer = undefined
      void load()
    }, RELOAD_MS)
  }

  const stops = [
    watch(() => wall.view.area, load, { immediate: true }),
    live.onChange(loadLater),
    live.onGap(load),
  ]
  onBeforeUnmount(() => {
    clearTimeout(timer)
    aborter.abort()
    for (const stop of stops) stop()
  })

  return { totals, failure, load }
}
