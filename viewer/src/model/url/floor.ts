import type { UrlParameter } from './parameter'

const HIGHEST = 200

/** `floor=18`: the floor looked at in an opened building; negative below ground. */
export const floorParameter: UrlParameter<number | null> = {
  name: 'floor',
  fallback: null,
  read: (text) => (/^-?\d{1,3}$/.test(text) ? Number(text) : null),
  write: (floor) => (floor === null ? null : String(floor)),
  check: (floor) => floor === null || (floor !== 0 && Math.abs(floor) <= HIGHEST),
}

/** `spread=1`: the floors of an opened building stand apart. */
export const spreadParameter: UrlParameter<boolean> = {
  name: 'spread',
  fallback: false,
  read: (text) => (text === '1' ? true : null),
  write: (isSpread) => (isSpread ? '1' : null),
  check: () => true,
}
