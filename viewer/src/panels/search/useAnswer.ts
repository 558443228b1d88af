import { ref, shallowRef } from 'vue'

/** Asks one question at a time: a new one, or `stop`, drops the answer still on its way. */
export function useAnswer() {
  const isLoading = ref(false)
  const failure = shallowRef<unknown>(null)
  let running = new AbortController()

  function stop() {
    running.abort()
    isLoading.value = false
  }

  async function ask<Found>(find: (signal: AbortSignal) => Promise<Found>, accept: (found: Found) => void) {
    stop()
    running = new AbortController()
    const { signal } = running
    isLoading.value = true
    failure.value = null
    try {
      const found = await find(signal)
      if (!signal.aborted) accept(found)
    } catch (error) {
      if (!signal.aborted) failure.value = error
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  return { isLoading, failure, ask, stop }
}
