/// <reference types="vite/client" />

import type { Map as MapLibreMap } from 'maplibre-gl'

declare global {
  interface Window {
    /** The map, for browser tests to look at; set when it stands. */
    wanggeMap?: MapLibreMap
  }
}
