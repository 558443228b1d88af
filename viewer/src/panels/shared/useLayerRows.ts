import type { Feature, FeatureCollection } from '../../api/features'
import type { LayerName } from '../../generated/layers'
import { useLocale } from '../../locales'
import { useCatalogue } from '../../stores/catalogue'
import { featureRows, layerRows } from './rows'
import type { RowSource } from './rows'
import { useSpeech } from './useSpeech'

/** Makes the rows of a layer, in an area which is called `place`, in the words of the reader. */
export function useLayerRows() {
  const catalogue = useCatalogue()
  const { inLanguage } = useLocale()
  const { textOf } = useSpeech()

  function wordsOf(name: LayerName) {
    const { fields } = catalogue.layer(name)
    return (field: string | null, { properties }: Feature) => {
      const declared = fields.find((each) => each.name === field)
      return declared ? textOf(declared, properties[declared.name]) : ''
    }
  }

  const titleOf = (name: LayerName, place: string) => `${place} · ${inLanguage(catalogue.layer(name).title)}`

  /** All rows of the area, or those with certain properties. */
  function rowsOf(name: LayerName, area: string, place: string, equals?: Readonly<Record<string, string>>): RowSource {
    return layerRows(catalogue.layer(name), area, titleOf(name, place), wordsOf(name), equals)
  }

  /** The rows that `find` gives, page by page. */
  function foundRows(name: LayerName, place: string, find: (after: string | null) => Promise<FeatureCollection>): RowSource {
    return featureRows(catalogue.layer(name), titleOf(name, place), wordsOf(name), find)
  }

  return { rowsOf, foundRows }
}
