import { onScopeDispose, ref, shallowRef } from 'vue'

interface Page<Row, Key> {
  readonly items: readonly Row[]
  readonly next: Key | null
}

/** Rows page by page from the first; a new first page ends what is still under way. */
export function usePages<Row, Key, Got extends Page<Row, Key>>(ask: (after: Key | null, signal: AbortSignal) => Promise<Got>) {
  const rows = shallowRef<readonly Row[] | null>(null)
  const first = shallowRef<Got | null>(null)
  const next = shallowRef<Key | null>(null)
  const failure = shallowRef<unknown>(null)
  const isBusy = ref(false)
  let running = new AbortController()
  let asked: Key | null = null

  async function read(after: Key | null) {
    if (after === null) {
      running.abort()
      running = new AbortController()
    }
    const { signal } = running
    asked = after
    isBusy.value = true
    try {
      const page = await ask(after, signal)
      if (signal.aborted) return
      if (after === null) first.value = page
      rows.value = after === null ? page.items : [...(rows.value ?? []), ...page.items]
      next.value = page.next
      failure.value = null
    } catch (error) {
      if (!signal.aborted) failure.value = error
    } finally {
      if (!signal.aborted) isBusy.value = false
    }
  }

  /** Reads the first page again; until it comes, the rows stay. */
  const load = () => read(null)

  /** Reads the first page of something else: the rows go. */
  function begin() {
    rows.value = null
    next.value = null
    failure.value = null
    return read(null)
  }

  async function more() {
    if (next.value !== null && !isBusy.value) await read(next.value)
  }

  /** Reads the page that failed again. */
  const retry = () => read(asked)

  onScopeDispose(() => running.abort())

  return { rows, first, next, failure, isBusy, load, begin, more, retry }
}
