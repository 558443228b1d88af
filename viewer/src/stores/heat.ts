import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import { FIRST_QUESTION, placesQuery, surfaceQuery, timeKind } from '../model/heat/question'
import type { HeatQuestion } from '../model/heat/question'
import { cellAt } from '../model/heat/surface'
import { useCatalogue } from './catalogue'
import { useHeatAnswer } from './heatAnswer'
import { useHeatFrames } from './heatFrames'
import { useMapView } from './mapView'

const SETTLE_MS = 250
const CALM_MS = 2_500

/** The heat map shown: what is asked, what was answered, which frame is on. */
export const useHeat = defineStore('heat', () => {
  const catalogue = useCatalogue()
  const mapView = useMapView()

  const question = shallowRef<HeatQuestion | null>(null)
  const kind = computed(() => (question.value ? timeKind(catalogue.layer(question.value.layer)) : 'none'))
  /** Conditions and time as the server takes them, without radius and frames. */
  const places = computed(() => question.value && placesQuery(question.value, kind.value, new Date()))
  const query = computed(() => question.value && surfaceQuery(question.value, kind.value, new Date()))
  const address = computed(() => (query.value && catalogue.isLoaded ? JSON.stringify(query.value) : null))

  const answer = useHeatAnswer(() => query.value, () => frames.settle())
  const frames = useHeatFrames(() => answer.surface.value?.frames.length ?? 0)

  /** The value of the frame under the pointer; null beyond the surface. */
  const pointed = computed(() => {
    const grid = answer.surface.value?.grid
    const cell = grid && mapView.pointer ? cellAt(grid, mapView.pointer) : null
    const values = answer.valuesOf(frames.frame.value)
    return cell && grid && values ? (values[cell.row * grid.columns + cell.column] ?? null) : null
  })

  watch(address, (next, before) => {
    if (next === null) answer.forget()
    else answer.loadSoon(before === null ? 0 : SETTLE_MS)
  })

  function ask(part: Partial<HeatQuestion> = {}) {
    question.value = { ...(question.value ?? FIRST_QUESTION), ...part }
  }

  function stop() {
    question.value = null
  }

  return {
    question,
    surface: answer.surface,
    failure: answer.failure,
    isLoading: answer.isLoading,
    valuesOf: answer.valuesOf,
    frame: frames.frame,
    isPlaying: frames.isPlaying,
    speed: frames.speed,
    goTo: frames.goTo,
    kind,
    places,
    query,
    pointed,
    ask,
    stop,
    /** For changes that come in a run: asks again a while after the last. */
    reloadLater: () => answer.loadSoon(CALM_MS),
  }
})
