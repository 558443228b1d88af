import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import { choosePlace, dropPlace, sendReport } from '../../commands/reportIncident'
import { useCatalogue } from '../../stores/catalogue'
import { useMapView } from '../../stores/mapView'
import { useWorkspace } from '../../stores/workspace'
import { useForm } from '../feature/useForm'
import { reportFields } from './reportFields'
import { useLocation } from './useLocation'

const LAST_SOURCE_KEY = 'wangge.reportSource'

/** A report in the making: the place, what is known of it, the form. */
export function useReport() {
  const catalogue = useCatalogue()
  const mapView = useMapView()
  const workspace = useWorkspace()

  const fields = computed(() => reportFields(catalogue.layer('incidents')))
  const allFields = () => [...fields.value.first, ...fields.value.more]
  const sources = catalogue.codes('report_source')
  const lastSource = localStorage.getItem(LAST_SOURCE_KEY)
  const source = sources.find(({ code }) => code === lastSource) ?? sources[0]
  const form = useForm(allFields, () => ({ report_source: source?.code ?? null }))

  const isSending = ref(false)
  const sendFailure = shallowRef<unknown>(null)
  let isGone = false
  /** What was filled in here rather than by the user; it gives way to what comes next. */
  const filled: Record<string, string> = {}

  function fill(name: string, text: string) {
    const current = form.values.value[name]
    if (current !== null && current !== '' && current !== undefined && current !== filled[name]) return
    filled[name] = text
    form.set(name, text)
  }

  const { place, location, locateFailure, find } = useLocation((found) =>
    fill('place', found.address ?? found.areas.at(-1)?.name ?? ''),
  )

  async function choose() {
    const chosen = await choosePlace(mapView.port)
    if (isGone) dropPlace(mapView.port)
    else if (chosen) void find(chosen)
    else if (place.value === null) workspace.hide('left')
  }

  async function send() {
    const values = { ...form.changes.value, report_source: form.values.value.report_source ?? null }
    if (!form.check() || place.value === null) return
    isSending.value = true
    sendFailure.value = null
    try {
      await sendReport(mapView.port, place.value, values)
      localStorage.setItem(LAST_SOURCE_KEY, String(values.report_source ?? ''))
      workspace.hide('left')
    } catch (error) {
      if (!form.takeFaults(error)) sendFailure.value = error
    } finally {
      isSending.value = false
    }
  }

  // A short report says no more than its category; anything typed is kept.
  watch(
    () => form.values.value.category,
    (category) => {
      if (typeof category === 'string') fill('description', catalogue.codeText('incident_category', category))
    },
  )
  onMounted(choose)
  onBeforeUnmount(() => {
    isGone = true
    dropPlace(mapView.port)
  })

  return { fields, form, place, location, locateFailure, isSending, sendFailure, choose, send }
}
