import { computed, ref, shallowRef } from 'vue'
import { ApiError } from '../../api/client'
import { useLocale } from '../../locales'
import { reasonText } from '../../locales/errors'
import { changedValues, checkValues, initialValues, isAsked, storedSecrets } from '../../model/form'
import type { FormField, FormValue, FormValues, Properties } from '../../model/form'

/** The values of a form, what is wrong with them here, and what the server found wrong. */
export function useForm(
  fields: () => readonly FormField[],
  properties: () => Properties,
  /** What the form calls a field that the server names. */
  nameOf: (field: string) => string = (field) => field,
) {
  const { t } = useLocale()
  const before = shallowRef<FormValues>(initialValues(fields(), properties()))
  const values = shallowRef<FormValues>(before.value)
  /** Faults are shown from the first attempt to save on, then as the values change. */
  const isChecked = ref(false)
  const serverFaults = shallowRef<ReadonlyMap<string, string>>(new Map())

  const stored = computed(() => storedSecrets(fields(), properties()))
  const ownFaults = computed(() => checkValues(fields().filter((field) => isAsked(field, values.value)), values.value, stored.value))
  const faults = computed<ReadonlyMap<string, string>>(() => {
    const own = isChecked.value ? ownFaults.value : []
    return new Map([
      ...serverFaults.value,
      ...own.map(({ field, key, parameters }) => [field, t(key, parameters)] as const),
    ])
  })
  const changes = computed(() => changedValues(fields(), before.value, values.value))
  const isChanged = computed(() => Object.keys(changes.value).length > 0)

  function set(name: string, value: FormValue) {
    values.value = { ...values.value, [name]: value }
    if (!serverFaults.value.has(name)) return
    serverFaults.value = new Map([...serverFaults.value].filter(([field]) => field !== name))
  }

  /** Shows all faults; true if there are none. */
  function check(): boolean {
    isChecked.value = true
    return ownFaults.value.length === 0
  }

  /** Takes up the faults of a refused write; false if the refusal names no field of this form. */
  function takeFaults(error: unknown): boolean {
    if (!(error instanceof ApiError)) return false
    const names = new Set(fields().map((field) => field.name))
    const known = error.faults.filter((fault) => names.has(nameOf(fault.field)))
    serverFaults.value = new Map(known.map((fault) => [nameOf(fault.field), reasonText(fault.reason)]))
    return known.length > 0 && known.length === error.faults.length
  }

  function restart() {
    before.value = initialValues(fields(), properties())
    values.value = before.value
    isChecked.value = false
    serverFaults.value = new Map()
  }

  return { values, faults, changes, isChanged, set, check, takeFaults, restart }
}
