import { setWorkerUrl } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'

/**
 * Tells MapLibre where its worker is; to be called before the first map. MapLibre 6 looks for it beside its
 * own chunk, where a bundler does not put it: without this the map never loads and says nothing.
 */
export function useBundledWorker(): void {
  setWorkerUrl(new URL(workerUrl, location.href).href)
}
