import { computed, ref, shallowRef, watch } from 'vue'
import { getCase } from '../../api/cases'
import type { Case, OpenStep, StepInputs } from '../../api/cases'
import { ApiError } from '../../api/client'
import { takeCaseStep } from '../../commands/workOnCase'
import { useMapView } from '../../stores/mapView'
import { useSelection } from '../../stores/selection'
import { useLiveReload } from '../shared/useLiveReload'
import { useLoaded } from '../shared/useLoaded'

/** The selected case, kept up to date, and the step being taken. What is typed outlives a reload. */
export function useCase() {
  const mapView = useMapView()
  const selection = useSelection()

  const id = computed(() => (selection.selected?.layer === 'incidents' ? selection.selected.id : null))
  const { data: page, error, reload } = useLoaded<number, Case>(() => id.value, getCase)
  const chosen = ref<string | null>(null)
  const isSending = ref(false)
  const failure = shallowRef<unknown>(null)
  /** Somebody else moved the case while a form was open. */
  const isOvertaken = ref(false)

  const step = computed<OpenStep | null>(() => page.value?.open.find(({ name }) => name === chosen.value) ?? null)

  function choose(name: string | null) {
    chosen.value = name
    failure.value = null
    isOvertaken.value = false
  }

  async function take(name: string, inputs: StepInputs, photos: readonly Blob[] = []) {
    const current = page.value
    if (!current) return
    isSending.value = true
    failure.value = null
    isOvertaken.value = false
    try {
      page.value = await takeCaseStep(mapView.port, current, name, inputs, photos)
      chosen.value = null
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) {
        isOvertaken.value = true
        await reload()
      } else failure.value = error
    } finally {
      isSending.value = false
    }
  }

  watch(id, () => choose(null))
  useLiveReload(['incidents'], reload, (message) => message.id === null || message.id === id.value)

  return { page, error, reload, chosen, step, isSending, failure, isOvertaken, choose, take }
}
