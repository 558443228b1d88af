import { wallStream } from '../api/evaluation'
import { wallOf } from '../model/wall'
import type { Wall } from '../model/wall'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 15_000

/** What the stream of a wall tells. */
export interface WallListener {
  readonly onWall: (wall: Wall) => void
  readonly onOpen: () => void
  /** The line is cut; it is taken up again by itself. `isRefused` tells that the server would not have us. */
  readonly onLost: (isRefused: boolean) => void
  /** The wall is no more. */
  readonly onEnd: () => void
}

/** Follows a wall until it is stopped; a cut line is taken up again, later and later. Gives back how to stop. */
export function followWall(code: string, listener: WallListener): () => void {
  let source: EventSource | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let retryDelay = FIRST_RETRY_MS

  function lost() {
    const isRefused = source?.readyState === EventSource.CLOSED
    listener.onLost(isRefused)
    if (!isRefused) return
    retry = setTimeout(open, retryDelay)
    retryDelay = Math.min(retryDelay * 2, LONGEST_RETRY_MS)
  }

  function open() {
    source?.close()
    source = new EventSource(wallStream(code))
    source.onopen = () => {
      retryDelay = FIRST_RETRY_MS
      listener.onOpen()
    }
    source.onerror = lost
    source.onmessage = (event: MessageEvent<string>) => {
      const wall = wallOf(JSON.parse(event.data))
      if (wall) listener.onWall(wall)
    }
    source.addEventListener('end', listener.onEnd)
  }

  open()
  return () => {
    clearTimeout(retry)
    source?.close()
  }
}
