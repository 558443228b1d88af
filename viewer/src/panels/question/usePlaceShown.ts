import { onBeforeUnmount, shallowRef, watch } from 'vue'
import { askPlace } from '../../api/questions'
import { showOutline } from '../../commands/askQuestion'
import { isReach } from '../../model/question'
import { useMapView } from '../../stores/mapView'
import { useQuestion } from '../../stores/question'

const PAUSE_MS = 200

/** Keeps the ground of the draft on the map while it is put together; what is wrong with it is told. */
export function usePlaceShown() {
  const mapView = useMapView()
  const store = useQuestion()
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  async function show(signal: AbortSignal) {
    const { subject, relation, metres } = store.draft
    if (!subject || !isReach(store.draft)) return
    try {
      const outline = await askPlace(relation, subject, relation === 'within' ? null : metres, signal)
      if (!signal.aborted) showOutline(mapView.port, outline)
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  function stop() {
    clearTimeout(timer)
    running.abort()
    running = new AbortController()
  }

  watch(
    () => [store.draft.subject, store.draft.relation, store.draft.metres] as const,
    ([subject]) => {
      stop()
      failure.value = null
      if (!subject || !isReach(store.draft)) showOutline(mapView.port, null)
      const { signal } = running
      timer = setTimeout(() => void show(signal), PAUSE_MS)
    },
    { immediate: true },
  )
  onBeforeUnmount(() => {
    stop()
    if (!store.asked) showOutline(mapView.port, null)
  })

  return { failure }
}
