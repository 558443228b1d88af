import { onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import { ApiError } from '../../api/client'
import { choosePlace, dropPlace, fileReport, takePlace } from '../../commands/reportIncident'
import { newRequestKey } from '../../model/requestKey'
import type { Report } from '../../model/report'
import { useMapView } from '../../stores/mapView'
import { useWorkspace } from '../../stores/workspace'
import { useLocation } from './useLocation'
import { useMatter } from './useMatter'
import { usePosition } from '../shared/usePosition'
import { useReportForm } from './useReportForm'

/** A report in the making: the place, what is known of it and near it, the form, who told, photos. */
export function useReport() {
  const mapView = useMapView()
  const workspace = useWorkspace()
  const position = usePosition()
  const { fields, form, reporter, category, fill, sent, keepSource } = useReportForm()

  const condition = ref<string | null>(null)
  const photos = shallowRef<readonly Blob[]>([])
  const isSending = ref(false)
  const sendFailure = shallowRef<unknown>(null)
  /** Similar cases came up after the form had shown what there was. */
  const isSurprised = ref(false)
  // One report, one key: pressed twice or sent again after a lost answer, it is saved once.
  let key = newRequestKey()
  let isGone = false

  const { place, location, locateFailure, find } = useLocation((found) =>
    fill('place', found.address ?? found.areas.at(-1)?.name ?? ''),
  )
  const { conditions, similar, lookAgain } = useMatter(() => place.value, () => category.value)

  async function choose() {
    const chosen = await choosePlace(mapView.port)
    if (isGone) dropPlace(mapView.port)
    else if (chosen) void find(chosen)
    else if (place.value === null && !position.isSearching.value) workspace.hide('left')
  }

  async function here() {
    const found = await position.find()
    if (!found || isGone) return
    void find(found)
    takePlace(mapView.port, found)
  }

  async function takeFailure(error: unknown) {
    // An answer was had: nothing of it is saved, and corrected it is another request.
    if (error instanceof ApiError && error.status !== 0) key = newRequestKey()
    if (error instanceof ApiError && error.status === 409 && Array.isArray(error.members.similar)) {
      isSurprised.value = true
      await lookAgain()
    } else if (!form.takeFaults(error)) sendFailure.value = error
  }

  /** Registers the report, or adds it to an open case. */
  async function send(into: number | null = null) {
    if (!form.check() || place.value === null || isSending.value) return
    const report: Report = {
      place: place.value,
      values: sent(),
      condition: condition.value,
      reporters: [reporter.form.values.value],
      photos: photos.value,
      seen: similar.value.map(({ id }) => id),
    }
    isSending.value = true
    sendFailure.value = null
    isSurprised.value = false
    try {
      await fileReport(mapView.port, report, key, into)
      keepSource()
      workspace.hide('left')
    } catch (error) {
      await takeFailure(error)
    } finally {
      isSending.value = false
    }
  }

  watch(category, () => (condition.value = null))
  onMounted(choose)
  onBeforeUnmount(() => {
    isGone = true
    dropPlace(mapView.port)
  })

  const shown = { fields, form, condition, reporter, photos, place, location, locateFailure, position, conditions, similar }
  return { ...shown, isSending, isSurprised, sendFailure, choose, here, send }
}
