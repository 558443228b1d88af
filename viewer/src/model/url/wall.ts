import { codeOf } from '../wall'
import type { UrlParameter } from './parameter'

/** `wall=ABCDEFGH`: the linked screens this one belongs to. */
export const wallParameter: UrlParameter<string | null> = {
  name: 'wall',
  fallback: null,
  read: codeOf,
  write: (code) => code,
  check: () => true,
}
