import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { getAddressQueue } from '../../api/addresses'
import type { AddressQueue, AddressReview, AddressState } from '../../api/addresses'

/** One list of the queue, page by page, with how many each list has. */
export function useAddressQueue() {
  const state = ref<AddressState>('pending')
  const rows = shallowRef<readonly AddressReview[] | null>(null)
  const counts = shallowRef<AddressQueue['counts'] | null>(null)
  const next = ref<number | null>(null)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()

  async function read(after: number | null, signal: AbortSignal) {
    try {
      const page = await getAddressQueue(state.value, after, signal)
      if (signal.aborted) return
      rows.value = after === null ? page.items : [...(rows.value ?? []), ...page.items]
      next.value = page.next
      counts.value = page.counts
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    }
  }

  /** The first page anew. */
  async function load() {
    running.abort()
    running = new AbortController()
    await read(null, running.signal)
  }

  async function more() {
    if (next.value !== null) await read(next.value, running.signal)
  }

  /** Takes a text that was decided on out of the list, without losing the place in it. */
  function decided(row: AddressReview) {
    rows.value = (rows.value ?? []).filter(({ id }) => id !== row.id)
    if (counts.value) counts.value = { ...counts.value, pending: counts.value.pending - 1, [row.state]: counts.value[row.state] + 1 }
    if (rows.value.length === 0) void load()
  }

  watch(
    state,
    () => {
      rows.value = null
      void load()
    },
    { immediate: true },
  )
  onScopeDispose(() => running.abort())

  return { state, rows, counts, next, failure, load, more, decided }
}
