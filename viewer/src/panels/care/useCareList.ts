import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { careTiles, getCareFigures, getCareRows } from '../../api/care'
import type { CareFigures, CareFilter, CareList, DueCare, DueService } from '../../api/care'
import { useCareList as useCareListStore } from '../../stores/careList'
import { useLiveReload } from '../shared/useLiveReload'

/** One list of what is due in care: its counts, its rows page by page, and their homes on the map. */
export function useCareList() {
  const onMap = useCareListStore()
  const list = ref<CareList>('visit_overdue')
  const filter = shallowRef<CareFilter>({})
  const figures = shallowRef<CareFigures | null>(null)
  const rows = shallowRef<readonly (DueCare | DueService)[] | null>(null)
  const total = ref(0)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()

  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    try {
      const [counted, page] = await Promise.all([
        getCareFigures(filter.value, signal),
        getCareRows(list.value, filter.value, 0, signal),
      ])
      if (signal.aborted) return
      figures.value = counted
      rows.value = page.items
      total.value = page.total
      onMap.tiles = careTiles(list.value, filter.value)
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  async function more() {
    const { signal } = running
    const shown = rows.value ?? []
    try {
      const page = await getCareRows(list.value, filter.value, shown.length, signal)
      if (signal.aborted) return
      rows.value = [...shown, ...page.items]
      total.value = page.total
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  watch([list, filter], () => {
    rows.value = null
    void load()
  })
  useLiveReload(['care_records', 'care_visits', 'elderly_services', 'residences'], load)
  onBeforeUnmount(() => {
    running.abort()
    onMap.tiles = null
  })
  void load()

  return { list, filter, figures, rows, total, failure, load, more }
}
