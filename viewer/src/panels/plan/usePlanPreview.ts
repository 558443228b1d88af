import { shallowRef } from 'vue'
import { previewPlan } from '../../api/plans'
import type { Operation, PlanPreview } from '../../model/plan'

const PREVIEW_MS = 120

/** What an operation would do to a plan, shown while it is being drawn. */
export function usePlanPreview(id: () => number) {
  const preview = shallowRef<PlanPreview | null>(null)
  let trying = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Forgets the preview and the one that is being asked for. */
  function forget() {
    clearTimeout(timer)
    trying.abort()
    preview.value = null
  }

  async function ask(operation: Operation) {
    trying.abort()
    const mine = new AbortController()
    trying = mine
    try {
      const seen = await previewPlan(id(), operation, mine.signal)
      if (!mine.signal.aborted) preview.value = seen
    } catch {
      // A line that is not across yet cuts nothing; what is wrong with it is said when it is done.
      if (!mine.signal.aborted) preview.value = null
    }
  }

  /** Shows what an operation would do, a moment after the last of a run of them. */
  function attempt(operation: Operation) {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(operation), PREVIEW_MS)
  }

  return { preview, attempt, forget }
}
