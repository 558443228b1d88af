import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { dismissJob, listJobs } from '../../api/analyses'
import type { JobList } from '../../api/analyses'
import { isOpen } from '../../model/analysis/process'
import type { Job } from '../../model/analysis/process'

const PAGE = 10
const AGAIN_AFTER_MS = 1_500

/** The reader's own jobs, asked for again as long as one is not over and the panel is open. */
export function useJobs() {
  const list = shallowRef<JobList | null>(null)
  const failure = shallowRef<unknown>(null)
  const limit = ref(PAGE)
  let timer = 0
  let aborter = new AbortController()

  const jobs = computed(() => (list.value?.jobs ?? []).filter(({ status }) => status !== 'dismissed'))
  const hasMore = computed(() => list.value?.links.some(({ rel }) => rel === 'next') ?? false)

  async function reload() {
    clearTimeout(timer)
    aborter.abort()
    aborter = new AbortController()
    const { signal } = aborter
    try {
      const found = await listJobs(limit.value, signal)
      if (signal.aborted) return
      list.value = found
      failure.value = null
    } catch (error) {
      if (signal.aborted) return
      failure.value = error
    }
    // Also after a failure: the network may come back.
    if (list.value?.jobs.some(isOpen)) timer = window.setTimeout(() => void reload(), AGAIN_AFTER_MS)
  }

  function more() {
    limit.value += PAGE
    void reload()
  }

  async function dismiss(job: Job) {
    try {
      await dismissJob(job.jobID)
      await reload()
    } catch (error) {
      failure.value = error
    }
  }

  onMounted(reload)
  onBeforeUnmount(() => {
    clearTimeout(timer)
    aborter.abort()
  })

  return { list, jobs, hasMore, failure, reload, more, dismiss }
}
