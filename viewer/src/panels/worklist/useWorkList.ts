import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { getWorkListPage, getWorkLists } from '../../api/cases'
import type { CaseFilter, WorkList, WorkListRow } from '../../api/cases'
import { useMapView } from '../../stores/mapView'
import { useLiveReload } from '../shared/useLiveReload'

const TYPING_MS = 300
const KEPT_LIST = 'wangge.workList'

/** One work list with its filters: counts of all tabs, rows page by page, the rows shown lit on the map. */
export function useWorkList() {
  const mapView = useMapView()
  const lists = shallowRef<readonly WorkList[]>([])
  const rows = shallowRef<readonly WorkListRow[]>([])
  const next = ref<string | null>(null)
  const name = ref(sessionStorage.getItem(KEPT_LIST) ?? '')
  const filter = shallowRef<CaseFilter>({})
  const isLoading = ref(false)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  const current = computed(() => lists.value.find((list) => list.name === name.value) ?? null)

  /** Tabs, counts and the first page anew; as many rows as were shown stay shown. */
  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    isLoading.value = true
    try {
      const found = await getWorkLists(filter.value, signal)
      if (!found.some((list) => list.name === name.value)) name.value = found[0]?.name ?? ''
      const page = name.value ? await getWorkListPage(name.value, filter.value, null, signal) : { items: [], next: null }
      if (signal.aborted) return
      lists.value = found
      rows.value = page.items
      next.value = page.next
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  async function more() {
    if (next.value === null) return
    const { signal } = running
    try {
      const page = await getWorkListPage(name.value, filter.value, next.value, signal)
      if (signal.aborted) return
      rows.value = [...rows.value, ...page.items]
      next.value = page.next
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  function open(list: string) {
    if (list === name.value) return
    name.value = list
    sessionStorage.setItem(KEPT_LIST, list)
    rows.value = []
    void load()
  }

  function want(change: CaseFilter) {
    filter.value = { ...filter.value, ...change }
    clearTimeout(timer)
    timer = setTimeout(load, TYPING_MS)
  }

  watch(rows, (shown) => mapView.port.highlight(shown.length > 0 ? { layer: 'incidents', ids: shown.map(({ id }) => id) } : null))
  useLiveReload(['incidents'], load)
  onBeforeUnmount(() => {
    clearTimeout(timer)
    running.abort()
    mapView.port.highlight(null)
  })
  void load()

  return { lists, rows, next, name, filter, current, isLoading, failure, load, more, open, want }
}
