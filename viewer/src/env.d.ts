/// <reference types="vite/client" />

import type { Map as MapLibreMap } from 'maplibre-gl'
import type { MapPort } from './model/mapPort'

declare global {
  interface Window {
    /** The map, for browser tests to look at; set when it stands. */
    wanggeMap?: MapLibreMap
    /** What orders the map takes, for browser tests; set and gone with the map. */
    wanggePort?: MapPort
  }
}
