import { ref, shallowRef } from 'vue'
import { getHeat } from '../api/heat'
import type { HeatQuery } from '../api/heat'
import { unpack } from '../model/heat/surface'
import type { HeatSurface } from '../model/heat/surface'

/** The server's answer to a heat question; the one asked last counts. */
export function useHeatAnswer(query: () => HeatQuery | null, loaded: () => void) {
  const surface = shallowRef<HeatSurface | null>(null)
  const failure = shallowRef<unknown>(null)
  const isLoading = ref(false)
  /** Values of the frames by number, unpacked when they are first looked at. */
  const unpacked = new Map<number, Float32Array>()
  let running = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(next: HeatSurface | null, error: unknown) {
    unpacked.clear()
    surface.value = next
    failure.value = error
    isLoading.value = false
    loaded()
  }

  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    const asked = query()
    if (!asked) return
    isLoading.value = true
    try {
      const next = await getHeat(asked, signal)
      if (!signal.aborted) take(next, null)
    } catch (error) {
      if (!signal.aborted) take(null, error)
    }
  }

  function loadSoon(delay: number) {
    clearTimeout(timer)
    timer = setTimeout(load, delay)
  }

  function forget() {
    clearTimeout(timer)
    running.abort()
    take(null, null)
  }

  function valuesOf(number: number): Float32Array | null {
    const found = surface.value?.frames[number]
    if (!surface.value?.grid || !found) return null
    const values = unpacked.get(number) ?? unpack(surface.value.grid, found, surface.value.unit)
    unpacked.set(number, values)
    return values
  }

  return { surface, failure, isLoading, load, loadSoon, forget, valuesOf }
}
