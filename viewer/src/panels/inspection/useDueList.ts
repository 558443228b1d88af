import { onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { dueTiles, getDueFigures, getDueRentals } from '../../api/inspections'
import type { DueFigures, DueFilter, DueList, DueRental } from '../../api/inspections'
import { useDueList as useDueListStore } from '../../stores/dueList'
import { useLiveReload } from '../shared/useLiveReload'

/** One list of rentals due: its counts, its rows page by page, and the same on the map. */
export function useDueList() {
  const onMap = useDueListStore()
  const list = ref<DueList>('overdue')
  const filter = shallowRef<DueFilter>({})
  const figures = shallowRef<DueFigures | null>(null)
  const rows = shallowRef<readonly DueRental[] | null>(null)
  const next = ref<string | null>(null)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()

  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    try {
      const [counted, page] = await Promise.all([
        getDueFigures(filter.value, signal),
        getDueRentals(list.value, filter.value, null, signal),
      ])
      if (signal.aborted) return
      figures.value = counted
      rows.value = page.items
      next.value = page.next
      onMap.tiles = dueTiles(list.value, filter.value)
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  async function more() {
    if (next.value === null) return
    const { signal } = running
    try {
      const page = await getDueRentals(list.value, filter.value, next.value, signal)
      if (signal.aborted) return
      rows.value = [...(rows.value ?? []), ...page.items]
      next.value = page.next
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  watch([list, filter], () => {
    rows.value = null
    void load()
  })
  useLiveReload(['rentals', 'inspections', 'dwellings'], load)
  onBeforeUnmount(() => {
    running.abort()
    onMap.tiles = null
  })
  void load()

  return { list, filter, figures, rows, next, failure, load, more }
}
