import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { searchPersons } from '../../api/persons'
import { search } from '../../api/search'
import type { FoundAnything } from '../../api/search'
import { personNumberKind } from '../../model/people'
import type { FoundPerson } from '../../model/people'
import { useSession } from '../../stores/session'
import { entriesOf } from './entries'
import { useAnswer } from './useAnswer'

export type SearchMode = 'place' | 'person'

const DELAY_MS = 200
const LIMIT = 8

/** The state of the search box: what was typed, what was found, what went wrong. */
export function useSearch() {
  const session = useSession()
  const text = ref('')
  const mode = ref<SearchMode>('place')
  const found = shallowRef<FoundAnything | null>(null)
  const persons = shallowRef<readonly FoundPerson[] | null>(null)
  const hasMorePersons = ref(false)
  const { isLoading, failure, ask, stop } = useAnswer()
  /** The text that what is shown was found for. */
  const answered = ref('')

  const canSearchPersons = computed(() => session.has('people:search'))
  const query = computed(() => text.value.trim())
  const numberKind = computed(() => (canSearchPersons.value ? personNumberKind(query.value) : null))
  const sections = computed(() => (found.value ? entriesOf(found.value) : null))

  let timer: ReturnType<typeof setTimeout> | undefined

  function forget() {
    clearTimeout(timer)
    stop()
    found.value = null
    persons.value = null
    failure.value = null
    answered.value = ''
  }

  function findPlaces() {
    const asked = query.value
    return ask(
      (signal) => search(asked, LIMIT, signal),
      (answer) => {
        found.value = answer
        answered.value = asked
      },
    )
  }

  /** Asks for persons. Never called by typing alone: each search is written to the audit log. */
  function findPersons() {
    const asked = query.value
    return ask(
      (signal) => searchPersons(asked, signal),
      (answer) => {
        persons.value = answer.items
        hasMorePersons.value = answer.more ?? false
        answered.value = asked
      },
    )
  }

  watch([query, mode], () => {
    clearTimeout(timer)
    failure.value = null
    persons.value = null
    if (query.value === '') forget()
    else if (mode.value === 'place' && numberKind.value === null) {
      isLoading.value = true
      timer = setTimeout(findPlaces, DELAY_MS)
    } else {
      stop()
      found.value = null
    }
  })
  watch(numberKind, (kind) => {
    if (kind) mode.value = 'person'
  })
  onScopeDispose(forget)

  return {
    text, mode, query, sections, persons, hasMorePersons, isLoading, failure, answered, canSearchPersons, numberKind,
    findPlaces, findPersons, forget,
  }
}
