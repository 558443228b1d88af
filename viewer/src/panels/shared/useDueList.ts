import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import type { LiveTopic } from '../../model/liveMessage'
import { useDueList as useDueListStore } from '../../stores/dueList'
import type { DueLayer } from '../../stores/dueList'
import { useAreaDrill } from './useAreaDrill'
import { useLiveReload } from './useLiveReload'
import { usePages } from './usePages'

type Counts<List extends string> = Readonly<Record<List, number>> & { readonly key: string | null; readonly name: string | null }

interface Figured<List extends string> {
  readonly total: Counts<List>
  readonly areas: readonly Counts<List>[]
}

interface DuePage<Row> {
  readonly items: readonly Row[]
  readonly next: string | null
}

interface DueSource<List extends string, Filter, Row, Figures> {
  /** The list shown first. */
  readonly opened: List
  /** The layer of its tiles. */
  readonly layer: DueLayer
  /** What changes the lists. */
  readonly live: readonly LiveTopic[]
  getFigures(filter: Filter, signal: AbortSignal): Promise<Figures>
  getRows(list: List, filter: Filter, after: string | null, signal: AbortSignal): Promise<DuePage<Row>>
  tilesOf(list: List, filter: Filter): string
}

/** One list of what is due: its counts, its rows page by page, the areas to go down into, and the same on the map. */
export function useDueList<List extends string, Filter extends { readonly area?: string }, Row, Figures extends Figured<List>>(
  source: DueSource<List, Filter, Row, Figures>,
  everything: Filter,
) {
  const onMap = useDueListStore()
  const list = ref(source.opened) as Ref<List>
  const filter: Ref<Filter> = shallowRef(everything)

  const { rows, first, begin, load, ...pages } = usePages<Row, string, DuePage<Row> & { readonly figures?: Figures }>(async (after, signal) => {
    const asked = source.getRows(list.value, filter.value, after, signal)
    if (after !== null) return asked
    const [figures, page] = await Promise.all([source.getFigures(filter.value, signal), asked])
    return { ...page, figures }
  })
  const figures = computed(() => first.value?.figures ?? null)
  const total = computed(() => figures.value?.total[list.value] ?? 0)
  const drill = useAreaDrill<Counts<List>, Filter>(filter, () => figures.value?.areas ?? [], (area) => area[list.value])

  watch(first, () => onMap.show(source.layer, source.tilesOf(list.value, filter.value)))
  watch([list, filter], begin)
  useLiveReload(source.live, load)
  onBeforeUnmount(() => onMap.hide(source.layer))
  void load()

  return { list, filter, figures, total, rows, load, ...pages, ...drill }
}
