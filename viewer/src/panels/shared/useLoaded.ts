import { onScopeDispose, ref, shallowRef, watch } from 'vue'

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/**
 * Loads whatever the key names, anew whenever the key changes; null loads nothing. An answer that
 * comes late, after the key has changed, is dropped. `reload` keeps the old data on screen.
 */
export function useLoaded<Key, Data>(
  key: () => Key | null,
  load: (key: Key, signal: AbortSignal) => Promise<Data>,
) {
  const data = shallowRef<Data | null>(null)
  const error = shallowRef<unknown>(null)
  const isLoading = ref(false)
  let running = new AbortController()

  async function start(wanted: Key) {
    running.abort()
    running = new AbortController()
    const { signal } = running
    isLoading.value = true
    error.value = null
    try {
      const loaded = await load(wanted, signal)
      if (!signal.aborted) data.value = loaded
    } catch (failure) {
      if (!signal.aborted && !isAbort(failure)) error.value = failure
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  async function reload() {
    const wanted = key()
    if (wanted !== null) await start(wanted)
  }

  watch(
    key,
    (wanted, before) => {
      if (wanted === before) return
      data.value = null
      error.value = null
      running.abort()
      isLoading.value = false
      if (wanted !== null) void start(wanted)
    },
    { immediate: true },
  )
  onScopeDispose(() => running.abort())

  return { data, error, isLoading, reload }
}
