import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { getProposalFigures, listProposals } from '../../api/proposals'
import type { ProposalFigures, ProposalQuery, ProposalRow } from '../../api/proposals'
import { PROPOSALS } from '../../model/liveMessage'
import type { ReviewTab } from '../../model/review'
import { useLiveReload } from '../shared/useLiveReload'

const queryOf = (tab: ReviewTab): ProposalQuery => (tab === 'mine' ? { mine: true } : { state: tab })

/** One list of proposals, page by page, with the figures of all lists; live. */
export function useReviewList(first: ReviewTab) {
  const tab = ref<ReviewTab>(first)
  const rows = shallowRef<readonly ProposalRow[] | null>(null)
  const figures = shallowRef<ProposalFigures | null>(null)
  const next = ref<string | null>(null)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()

  /** The first page and the figures anew. */
  async function load() {
    running.abort()
    running = new AbortController()
    const { signal } = running
    try {
      const [page, counted] = await Promise.all([listProposals(queryOf(tab.value), signal), getProposalFigures(signal)])
      if (signal.aborted) return
      rows.value = page.items
      next.value = page.next
      figures.value = counted
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  async function more() {
    if (next.value === null) return
    const { signal } = running
    try {
      const page = await listProposals({ ...queryOf(tab.value), after: next.value }, signal)
      if (signal.aborted) return
      rows.value = [...(rows.value ?? []), ...page.items]
      next.value = page.next
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  const counts = computed<Readonly<Record<ReviewTab, number>>>(() => {
    const { states, mine } = figures.value ?? {}
    return {
      pending: states?.pending ?? 0,
      accepted: states?.accepted ?? 0,
      returned: states?.returned ?? 0,
      mine: Object.values(mine ?? {}).reduce((sum, count) => sum + count, 0),
    }
  })

  watch(
    tab,
    () => {
      rows.value = null
      void load()
    },
    { immediate: true },
  )
  useLiveReload([PROPOSALS], load)
  onScopeDispose(() => running.abort())

  return { tab, rows, figures, counts, hasMore: computed(() => next.value !== null), failure, load, more }
}
