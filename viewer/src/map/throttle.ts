/** A function that runs at once, then at most once per interval, with a last run for calls made meanwhile. */
export function throttle(run: () => void, intervalMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAskedAgain = false

  function start() {
    run()
    timer = setTimeout(() => {
      timer = undefined
      if (!isAskedAgain) return
      isAskedAgain = false
      start()
    }, intervalMs)
  }

  return () => {
    if (timer === undefined) start()
    else isAskedAgain = true
  }
}
