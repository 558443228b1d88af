import type { MapMode } from '../geography'
import type { UrlParameter } from './parameter'

/** `mode=3d` raises the buildings. */
export const modeParameter: UrlParameter<MapMode> = {
  name: 'mode',
  fallback: '2d',
  read: (text) => (text === '3d' || text === '2d' ? text : null),
  write: (mode) => (mode === '3d' ? mode : null),
  check: () => true,
}
