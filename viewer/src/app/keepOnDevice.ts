import { PHONE } from '../stores/appearance'

/**
 * On a phone the application stays on the device, to start without a network. Desks and walls take the page from the
 * server each time: they have a network, and nobody there waits for the day on which the last window is closed.
 */
export function keepOnDevice(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator) || !matchMedia(PHONE).matches) return
  addEventListener('load', () => {
    // Private windows and full disks refuse; then it works as everywhere else.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  })
}
