import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { dueTiles, getDueFigures, getDueRentals } from '../../api/inspections'
import type { DueFigures, DueFilter, DueList, DueRental } from '../../api/inspections'
import { useDueList as useDueListStore } from '../../stores/dueList'
import { useLiveReload } from '../shared/useLiveReload'
import { usePages } from '../shared/usePages'

interface DuePage {
  readonly items: readonly DueRental[]
  readonly next: string | null
  readonly figures?: DueFigures
}

/** One list of rentals due: its counts, its rows page by page, and the same on the map. */
export function useDueList() {
  const onMap = useDueListStore()
  const list = ref<DueList>('overdue')
  const filter = shallowRef<DueFilter>({})

  const { rows, first, next, failure, load, more } = usePages<DueRental, string, DuePage>(async (after, signal) => {
    const asked = getDueRentals(list.value, filter.value, after, signal)
    if (after !== null) return asked
    const [figures, page] = await Promise.all([getDueFigures(filter.value, signal), asked])
    return { ...page, figures }
  })
  const figures = computed(() => first.value?.figures ?? null)

  watch(first, () => (onMap.tiles = dueTiles(list.value, filter.value)))
  watch([list, filter], () => {
    rows.value = null
    void load()
  })
  useLiveReload(['rentals', 'inspections', 'dwellings'], load)
  onBeforeUnmount(() => (onMap.tiles = null))
  void load()

  return { list, filter, figures, rows, next, failure, load, more }
}
