import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import { getWorkListPage, getWorkLists, workListTiles } from '../../api/cases'
import type { CaseFilter, WorkList, WorkListRow } from '../../api/cases'
import { useCaseList } from '../../stores/caseList'
import { useLiveReload } from '../shared/useLiveReload'

const TYPING_MS = 300
const KEPT_LIST = 'wangge.workList'

/** One work list with its filters: counts of all tabs, rows page by page, and the same on the map. */
export function useWorkList() {
  const caseList = useCaseList()
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
      caseList.worklist = name.value ? workListTiles(name.value, filter.value) : null
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

  useLiveReload(['incidents'], load)
  onBeforeUnmount(() => {
    clearTimeout(timer)
    running.abort()
    caseList.worklist = null
  })
  void load()

  return { lists, rows, next, name, filter, current, isLoading, failure, load, more, open, want }
}
