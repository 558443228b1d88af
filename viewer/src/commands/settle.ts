const SETTLE_MS = 80

/**
 * Waits until the panel that a selection opens stands beside the map: only then is it known which
 * part of the map is free to show something in the middle of.
 */
export function panelsSettled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
}
