import { computed, ref, shallowRef } from 'vue'
import { isReason } from '../../model/reason'

/** What is done for a reason only: the reason, whether it says enough, and how the doing went. */
export function useReasoned<Done>(act: (reason: string) => Promise<Done>, before = '') {
  const reason = ref(before)
  const isBusy = ref(false)
  const failure = shallowRef<unknown>(null)
  const done = shallowRef<Done | null>(null)
  const isLongEnough = computed(() => isReason(reason.value))

  async function send() {
    if (!isLongEnough.value || isBusy.value) return
    isBusy.value = true
    failure.value = null
    done.value = null
    try {
      done.value = await act(reason.value.trim())
    } catch (error) {
      failure.value = error
    } finally {
      isBusy.value = false
    }
  }

  return { reason, isBusy, failure, done, isLongEnough, send }
}
