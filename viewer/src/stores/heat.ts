import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { getHeat } from '../api/heat'
import { FIRST_QUESTION, placesQuery, surfaceQuery, timeKind } from '../model/heat/question'
import type { HeatQuestion } from '../model/heat/question'
import { cellAt, unpack } from '../model/heat/surface'
import type { HeatSurface } from '../model/heat/surface'
import { useCatalogue } from './catalogue'
import { useMapView } from './mapView'

const SETTLE_MS = 250
const CALM_MS = 2_500
/** Milliseconds a frame stands at speed 1. */
const FRAME_MS = 900
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4]

/** The heat map shown: what is asked, what was answered, which frame is on. */
export const useHeat = defineStore('heat', () => {
  const catalogue = useCatalogue()
  const mapView = useMapView()

  const question = shallowRef<HeatQuestion | null>(null)
  const surface = shallowRef<HeatSurface | null>(null)
  const failure = shallowRef<unknown>(null)
  const isLoading = ref(false)
  const frame = ref(0)
  const isPlaying = ref(false)
  const speed = ref(1)

  const kind = computed(() => (question.value ? timeKind(catalogue.layer(question.value.layer)) : 'none'))
  /** Conditions and time as the server takes them, without radius and frames. */
  const places = computed(() => question.value && placesQuery(question.value, kind.value, new Date()))
  const query = computed(() => question.value && surfaceQuery(question.value, kind.value, new Date()))
  const address = computed(() => (query.value && catalogue.isLoaded ? JSON.stringify(query.value) : null))

  /** Values of the frames by number, unpacked when they are first looked at. */
  const unpacked = new Map<number, Float32Array>()

  function valuesOf(number: number): Float32Array | null {
    const shown = surface.value
    const found = shown?.frames[number]
    if (!shown?.grid || !found) return null
    const values = unpacked.get(number) ?? unpack(shown.grid, found, shown.unit)
    unpacked.set(number, values)
    return values
  }

  /** The value of the frame under the pointer; null beyond the surface. */
  const pointed = computed(() => {
    const grid = surface.value?.grid
    const cell = grid && mapView.pointer ? cellAt(grid, mapView.pointer) : null
    const values = valuesOf(frame.value)
    return cell && grid && values ? (values[cell.row * grid.columns + cell.column] ?? null) : null
  })

  let running = new AbortController()

  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    if (!query.value) return
    isLoading.value = true
    try {
      const loaded = await getHeat(query.value, signal)
      if (signal.aborted) return
      unpacked.clear()
      surface.value = loaded
      failure.value = null
      frame.value = Math.min(frame.value, loaded.frames.length - 1)
      if (loaded.frames.length < 2) isPlaying.value = false
    } catch (error) {
      if (signal.aborted) return
      unpacked.clear()
      surface.value = null
      failure.value = error
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  let timer: ReturnType<typeof setTimeout> | undefined

  function loadSoon(delay: number) {
    clearTimeout(timer)
    timer = setTimeout(load, delay)
  }

  watch(address, (next, before) => {
    if (next === before) return
    if (next !== null) loadSoon(before === null ? 0 : SETTLE_MS)
    else forget()
  })

  function forget() {
    clearTimeout(timer)
    running.abort()
    unpacked.clear()
    surface.value = null
    failure.value = null
    isLoading.value = false
    isPlaying.value = false
    frame.value = 0
  }

  function ask(part: Partial<HeatQuestion> = {}) {
    question.value = { ...(question.value ?? FIRST_QUESTION), ...part }
  }

  function stop() {
    question.value = null
  }

  /** Shows another frame; beyond the last comes the first. */
  function goTo(number: number) {
    const count = surface.value?.frames.length ?? 0
    if (count > 0) frame.value = ((number % count) + count) % count
  }

  let player: ReturnType<typeof setInterval> | undefined

  watch([isPlaying, speed], ([isOn, rate]) => {
    clearInterval(player)
    if (isOn) player = setInterval(() => goTo(frame.value + 1), FRAME_MS / rate)
  })

  return {
    question,
    surface,
    failure,
    isLoading,
    frame,
    isPlaying,
    speed,
    kind,
    places,
    query,
    pointed,
    valuesOf,
    ask,
    stop,
    goTo,
    reload: load,
    /** For changes that come in a run: asks again a while after the last. */
    reloadLater: () => loadSoon(CALM_MS),
  }
})
