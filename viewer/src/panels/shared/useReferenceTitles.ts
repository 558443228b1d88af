import { shallowRef } from 'vue'
import { getFeature } from '../../api/features'
import type { LayerName } from '../../generated/layers'
import { useCatalogue } from '../../stores/catalogue'

/** Titles of features that others refer to by id, fetched once each. */
export function useReferenceTitles() {
  const catalogue = useCatalogue()
  const titles = shallowRef<ReadonlyMap<string, string>>(new Map())
  const asked = new Set<string>()

  function keep(key: string, title: string) {
    titles.value = new Map(titles.value).set(key, title)
  }

  async function fetchTitle(layer: LayerName, id: number, key: string) {
    const titleField = catalogue.layer(layer).title_field
    try {
      const { properties } = await getFeature(layer, id)
      const title = titleField ? properties[titleField] : null
      keep(key, typeof title === 'string' && title ? title : `#${id}`)
    } catch {
      // Outside the reader's areas or gone: the number is all there is to show.
      keep(key, `#${id}`)
    }
  }

  /** The title, or null until it is known. */
  function titleOf(layer: string, id: number): string | null {
    if (!catalogue.isLayerName(layer)) return `#${id}`
    const key = `${layer}/${id}`
    if (!asked.has(key)) {
      asked.add(key)
      void fetchTitle(layer, id, key)
    }
    return titles.value.get(key) ?? null
  }

  return { titleOf }
}
