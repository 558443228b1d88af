export interface Calm {
  /** Ask for a run: a moment from now, or when the interval since the last one is over. */
  soon(): void
  stop(): void
}

/**
 * Runs what is asked for after `waitMs`, in which what belongs together arrives, and never more often than every
 * `intervalMs`, however much is asked for.
 */
export function calm(run: () => unknown, waitMs: number, intervalMs: number): Calm {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = -Infinity
  return {
    soon() {
      if (timer !== undefined) return
      timer = setTimeout(
        () => {
          timer = undefined
          last = Date.now()
          run()
        },
        Math.max(waitMs, last + intervalMs - Date.now()),
      )
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
