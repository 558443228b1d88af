import type { FoundAnything, FoundFeature, FoundHome, FoundPlace } from '../../api/search'
import type { LayerName } from '../../generated/layers'

export type SearchEntry =
  | { readonly kind: 'place'; readonly place: FoundPlace }
  | { readonly kind: 'home'; readonly home: FoundHome }
  | { readonly kind: 'feature'; readonly layer: LayerName; readonly item: FoundFeature }

/** Entries under one heading; `layer` names the heading unless the kind does. */
export interface SearchSection {
  readonly key: 'places' | 'homes' | LayerName
  /** Each with its place in the running order of all entries. */
  readonly entries: readonly { readonly index: number; readonly entry: SearchEntry }[]
}

/** What was found as headed sections: coordinates first, then what an address names, then layers by rank. */
export function entriesOf(found: FoundAnything): readonly SearchSection[] {
  let index = 0
  const section = (key: SearchSection['key'], entries: readonly SearchEntry[]): SearchSection => ({
    key,
    entries: entries.map((entry) => ({ entry, index: index++ })),
  })
  return [
    section('places', found.places.map((place) => ({ kind: 'place', place }))),
    section('homes', found.homes.map((home) => ({ kind: 'home', home }))),
    ...found.groups.map(({ layer, items }) => section(layer, items.map((item) => ({ kind: 'feature', layer, item })))),
  ].filter((each) => each.entries.length > 0)
}
