import type { UrlParameter } from './parameter'

/** `tab=house`: the panel in front beside the map, where a selection has several. */
export const tabParameter: UrlParameter<string | null> = {
  name: 'tab',
  fallback: null,
  read: (text) => text,
  write: (tab) => tab,
  check: (tab) => tab === null || /^[a-z-]{1,20}$/.test(tab),
}
