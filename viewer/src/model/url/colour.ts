import { isColouring } from '../buildingColours'
import type { Colouring } from '../buildingColours'
import type { UrlParameter } from './parameter'

/** `colour=rentals`: what buildings are coloured by; missing: by use. */
export const colourParameter: UrlParameter<Colouring> = {
  name: 'colour',
  fallback: 'usage',
  read: (text) => (isColouring(text) ? text : null),
  write: (by) => (by === 'usage' ? null : by),
  check: () => true,
}
