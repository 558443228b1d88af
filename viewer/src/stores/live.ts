import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { withQuery } from '../api/client'
import { parseLiveMessage } from '../model/liveMessage'
import type { LiveMessage } from '../model/liveMessage'
import { useCatalogue } from './catalogue'
import { useLiveMoves } from './liveMoves'
import { useSession } from './session'

export type LiveState = 'off' | 'connecting' | 'open' | 'lost'

type Listener = (message: LiveMessage) => void

const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 30_000

/**
 * The server's stream of changes. A dropped line is taken up by the browser with Last-Event-ID;
 * a stream the server refused is opened anew, and listeners are then told to reload (`onGap`).
 */
export const useLive = defineStore('live', () => {
  const catalogue = useCatalogue()
  const session = useSession()
  const state = ref<LiveState>('off')
  const last = shallowRef<LiveMessage | null>(null)
  const listeners = new Set<Listener>()
  const gapListeners = new Set<() => void>()
  const moves = useLiveMoves(() => source && open())
  let lastEventId = ''

  let source: EventSource | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let retryDelay = FIRST_RETRY_MS
  let hasGap = false

  function receive(event: MessageEvent<string>) {
    lastEventId = event.lastEventId
    const message = parseLiveMessage(event.data, catalogue.isLayerName)
    if (message === 'reset') missed()
    if (!message || message === 'reset') return
    last.value = message
    for (const listener of listeners) listener(message)
  }

  function opened() {
    state.value = 'open'
    retryDelay = FIRST_RETRY_MS
    // Begun without a network: rights and time are those of an earlier day.
    if (session.isKept) session.restore().catch(() => undefined)
    if (!hasGap) return
    hasGap = false
    missed()
  }

  function missed() {
    for (const listener of gapListeners) listener()
  }

  function failed() {
    state.value = 'lost'
    if (source?.readyState !== EventSource.CLOSED) return
    hasGap = true
    // A refused stream does not say why; asking who is signed in ends a session that is over.
    session.restore().catch(() => undefined)
    retry = setTimeout(open, retryDelay)
    retryDelay = Math.min(retryDelay * 2, LONGEST_RETRY_MS)
  }

  function open() {
    close()
    state.value = 'connecting'
    source = new EventSource(withQuery('/live', { positions: moves.isWanted() || null, last_event_id: lastEventId }))
    source.addEventListener('positions', moves.receive)
    source.onopen = opened
    source.onerror = failed
    source.onmessage = receive
  }

  function close() {
    clearTimeout(retry)
    source?.close()
    source = null
    state.value = 'off'
  }

  /** Calls the listener for each change; gives back how to stop it. */
  function onChange(listener: Listener): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Calls the listener when changes may have been missed. */
  function onGap(listener: () => void): () => void {
    gapListeners.add(listener)
    return () => gapListeners.delete(listener)
  }

  return { state, last, open, close, onChange, onGap, onMoves: moves.onMoves }
})
