import { onScopeDispose, shallowRef, watch } from 'vue'
import { findDuplicates } from '../../api/registrations'
import type { Duplicates } from '../../api/registrations'
import { readIdNumber } from '../../model/idNumber'

/** Persons with the ID number that is being entered, asked for as soon as it is whole; also what a refusal told. */
export function useDuplicates(number: () => string) {
  const duplicates = shallowRef<Duplicates | null>(null)
  let running = new AbortController()

  function tell(found: Duplicates | null) {
    duplicates.value = found && (found.items.length > 0 || found.is_held_elsewhere) ? found : null
  }

  watch(number, async (text) => {
    running.abort()
    running = new AbortController()
    const { signal } = running
    duplicates.value = null
    if (!readIdNumber(text)) return
    try {
      const found = await findDuplicates({ id_number: text }, signal)
      if (!signal.aborted) tell(found)
    } catch {
      // Registering asks again, and tells what is wrong.
    }
  })
  onScopeDispose(() => running.abort())

  return { duplicates, tell }
}
