import { computed, ref, watch } from 'vue'
import { getProposalFigures, listProposals } from '../../api/proposals'
import type { ProposalFigures, ProposalPage, ProposalQuery, ProposalRow } from '../../api/proposals'
import { PROPOSALS } from '../../model/liveMessage'
import type { ReviewTab } from '../../model/review'
import { useLiveReload } from '../shared/useLiveReload'
import { usePages } from '../shared/usePages'

interface ReviewPage extends ProposalPage {
  readonly figures?: ProposalFigures
}

const queryOf = (tab: ReviewTab): ProposalQuery => (tab === 'mine' ? { mine: true } : { state: tab })

/** One list of proposals, page by page, with the figures of all lists; live. */
export function useReviewList(opened: ReviewTab) {
  const tab = ref<ReviewTab>(opened)
  const { rows, first, load, begin, ...pages } = usePages<ProposalRow, string, ReviewPage>(async (after, signal) => {
    if (after !== null) return listProposals({ ...queryOf(tab.value), after }, signal)
    const [page, figures] = await Promise.all([listProposals(queryOf(tab.value), signal), getProposalFigures(signal)])
    return { ...page, figures }
  })
  const figures = computed(() => first.value?.figures ?? null)

  const counts = computed<Readonly<Record<ReviewTab, number>>>(() => {
    const { states, mine } = figures.value ?? {}
    return {
      pending: states?.pending ?? 0,
      accepted: states?.accepted ?? 0,
      returned: states?.returned ?? 0,
      mine: Object.values(mine ?? {}).reduce((sum, count) => sum + count, 0),
    }
  })

  watch(tab, begin, { immediate: true })
  useLiveReload([PROPOSALS], load)

  return { tab, rows, figures, counts, load, ...pages }
}
