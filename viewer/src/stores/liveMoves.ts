import { parseMoves } from '../model/patrol/movers'
import type { Moves } from '../model/patrol/movers'

type MovesListener = (moves: Moves) => void

/** Who hears of moves on the live line, which is opened anew (`reopen`) when it has to carry them, or no longer. */
export function useLiveMoves(reopen: () => void) {
  const listeners = new Set<MovesListener>()

  function receive(event: MessageEvent<string>) {
    const moves = parseMoves(event.data)
    if (!moves) return
    for (const listener of listeners) listener(moves)
  }

  /** Calls the listener with who moves, everybody first; gives back how to stop it. */
  function onMoves(listener: MovesListener): () => void {
    listeners.add(listener)
    if (listeners.size === 1) reopen()
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) reopen()
    }
  }

  return { receive, onMoves, isWanted: () => listeners.size > 0 }
}
