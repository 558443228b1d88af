import type { LayerName } from '../../generated/layers'
import { useLocale } from '../../locales'
import { useCatalogue } from '../../stores/catalogue'
import { layerRows } from './rows'
import type { RowSource } from './rows'
import { useSpeech } from './useSpeech'

/** Makes the rows of a layer in an area, which is called `place`, in the words of the reader. */
export function useLayerRows() {
  const catalogue = useCatalogue()
  const { inLanguage } = useLocale()
  const { textOf } = useSpeech()

  return (name: LayerName, area: string, place: string, equals?: Readonly<Record<string, string>>): RowSource => {
    const layer = catalogue.layer(name)
    return layerRows(layer, area, `${place} · ${inLanguage(layer.title)}`, (field, { properties }) => {
      const declared = layer.fields.find((each) => each.name === field)
      return declared ? textOf(declared, properties[declared.name]) : ''
    }, equals)
  }
}
