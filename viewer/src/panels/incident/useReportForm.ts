import { computed, watch } from 'vue'
import { useCatalogue } from '../../stores/catalogue'
import { useForm } from '../feature/useForm'
import { reporterFields, reportFields } from './reportFields'

const LAST_SOURCE_KEY = 'wangge.reportSource'

/** The fields of a report; what can be told without the user is filled in and gives way to what is typed. */
export function useReportForm() {
  const catalogue = useCatalogue()
  const fields = computed(() => reportFields(catalogue.layer('incidents')))
  const sources = catalogue.codes('report_source')
  const lastSource = localStorage.getItem(LAST_SOURCE_KEY)
  const source = sources.find(({ code }) => code === lastSource) ?? sources[0]
  const form = useForm(
    () => [...fields.value.first, ...fields.value.more],
    () => ({ report_source: source?.code ?? null }),
  )
  const told = reporterFields(catalogue.layer('reporters'))
  const reporter = { fields: told, form: useForm(() => told, () => ({})) }
  const category = computed(() => {
    const chosen = form.values.value.category
    return typeof chosen === 'string' && chosen !== '' ? chosen : null
  })
  const filled: Record<string, string> = {}

  function fill(name: string, text: string) {
    const current = form.values.value[name]
    if (current !== null && current !== '' && current !== undefined && current !== filled[name]) return
    filled[name] = text
    form.set(name, text)
  }

  function sent() {
    return { ...form.changes.value, report_source: form.values.value.report_source ?? null }
  }

  function keepSource() {
    localStorage.setItem(LAST_SOURCE_KEY, String(form.values.value.report_source ?? ''))
  }

  // A short report says no more than its category; anything typed is kept.
  watch(category, (chosen) => {
    if (chosen) fill('description', catalogue.codeText('incident_category', chosen))
  })

  return { fields, form, reporter, category, fill, sent, keepSource }
}
