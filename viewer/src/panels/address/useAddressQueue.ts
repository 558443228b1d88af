import { computed, ref, shallowRef, watch } from 'vue'
import { getAddressQueue } from '../../api/addresses'
import type { AddressQueue, AddressReview, AddressState } from '../../api/addresses'
import { usePages } from '../shared/usePages'

/** One list of the queue, page by page, with how many each list has. */
export function useAddressQueue() {
  const state = ref<AddressState>('pending')
  const { rows, first, load, begin, ...pages } = usePages<AddressReview, number, AddressQueue>((after, signal) =>
    getAddressQueue(state.value, after, signal),
  )
  /** What was decided since the first page came. */
  const since = shallowRef<readonly AddressState[]>([])
  const counts = computed(() => {
    const counted = first.value?.counts
    if (!counted) return null
    const done = (wanted: AddressState) => since.value.filter((each) => each === wanted).length
    return {
      pending: counted.pending - since.value.length,
      accepted: counted.accepted + done('accepted'),
      rejected: counted.rejected + done('rejected'),
    }
  })

  /** Takes a text that was decided on out of the list, without losing the place in it. */
  function decided(row: AddressReview) {
    rows.value = (rows.value ?? []).filter(({ id }) => id !== row.id)
    since.value = [...since.value, row.state]
    if (rows.value.length === 0) void load()
  }

  watch(first, () => (since.value = []))
  watch(state, begin, { immediate: true })

  return { state, rows, counts, load, ...pages, decided }
}
