import { onBeforeUnmount, shallowRef, watch } from 'vue'
import { calm } from '../../model/calm'
import { useLive } from '../../stores/live'

/** The writes of one step come together. */
const WAIT_MS = 100
const RELOAD_MS = 1_000
/** Deadlines pass without anything being written. */
const REFRESH_MS = 30_000

/**
 * Figures for what `key` names, loaded anew when it changes and soon after anything has changed in the city. While
 * they are loading the figures before stay on screen.
 */
export function useFigures<Key, Figures>(key: () => Key, load: (key: Key, signal: AbortSignal) => Promise<Figures>) {
  const live = useLive()
  const figures = shallowRef<Figures | null>(null)
  const failure = shallowRef<unknown>(null)
  let aborter = new AbortController()

  async function reload() {
    aborter.abort()
    aborter = new AbortController()
    const { signal } = aborter
    try {
      const found = await load(key(), signal)
      if (signal.aborted) return
      figures.value = found
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  const reloading = calm(reload, WAIT_MS, RELOAD_MS)
  const refresher = setInterval(reloading.soon, REFRESH_MS)
  const stops = [
    watch(key, reload, { immediate: true }),
    live.onChange(reloading.soon),
    live.onGap(reloading.soon),
    reloading.stop,
  ]
  onBeforeUnmount(() => {
    clearInterval(refresher)
    aborter.abort()
    for (const stop of stops) stop()
  })

  return { figures, failure, reload }
}
