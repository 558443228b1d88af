import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { searchPersons } from '../../api/persons'
import { search } from '../../api/search'
import type { FoundFeature, FoundGroup } from '../../api/search'
import type { LayerName } from '../../generated/layers'
import { personNumberKind } from '../../model/people'
import type { FoundPerson } from '../../model/people'
import { useSession } from '../../stores/session'
import { useAnswer } from './useAnswer'

export type SearchMode = 'place' | 'person'

export interface PlaceEntry {
  readonly layer: LayerName
  readonly item: FoundFeature
}

const DELAY_MS = 200
const LIMIT = 8

/** The state of the search box: what was typed, what was found, what went wrong. */
export function useSearch() {
  const session = useSession()
  const text = ref('')
  const mode = ref<SearchMode>('place')
  const groups = shallowRef<readonly FoundGroup[] | null>(null)
  const persons = shallowRef<readonly FoundPerson[] | null>(null)
  const hasMorePersons = ref(false)
  const { isLoading, failure, ask, stop } = useAnswer()
  /** The text that what is shown was found for. */
  const answered = ref('')

  const canSearchPersons = computed(() => session.has('people:search'))
  const query = computed(() => text.value.trim())
  const numberKind = computed(() => (canSearchPersons.value ? personNumberKind(query.value) : null))
  const places = computed<readonly PlaceEntry[]>(() =>
    (groups.value ?? []).flatMap((group) => group.items.map((item) => ({ layer: group.layer, item }))),
  )

  let timer: ReturnType<typeof setTimeout> | undefined

  function forget() {
    clearTimeout(timer)
    stop()
    groups.value = null
    persons.value = null
    failure.value = null
    answered.value = ''
  }

  function findPlaces() {
    const asked = query.value
    return ask(
      (signal) => search(asked, LIMIT, signal),
      (found) => {
        groups.value = found
        answered.value = asked
      },
    )
  }

  /** Asks for persons. Never called by typing alone: each search is written to the audit log. */
  function findPersons() {
    const asked = query.value
    return ask(
      (signal) => searchPersons(asked, signal),
      (found) => {
        persons.value = found.items
        hasMorePersons.value = found.more ?? false
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
      groups.value = null
    }
  })
  watch(numberKind, (kind) => {
    if (kind) mode.value = 'person'
  })
  onScopeDispose(forget)

  return {
    text, mode, query, groups, places, persons, hasMorePersons, isLoading, failure, answered, canSearchPersons, numberKind,
    findPlaces, findPersons, forget,
  }
}
