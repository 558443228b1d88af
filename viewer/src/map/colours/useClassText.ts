import { useLocale } from '../../locales'
import { rangeOf } from '../../model/buildingColours'
import type { BuildingColours } from '../../model/buildingColours'
import { useCatalogue } from '../../stores/catalogue'

/** What the classes of a colouring are called. */
export function useClassText() {
  const catalogue = useCatalogue()
  const { t } = useLocale()

  /** The texts for a single value, values from and to, values from. */
  function between(from: number, to: number | null, kind: 'cases' | 'percent'): string {
    const exact = kind === 'cases' ? 'exactCases' : 'exactPercent'
    if (to === null) return t(`colours.${kind}Up`, { from })
    return from === to ? t(`colours.${exact}`, { from }) : t(`colours.${kind}`, { from, to })
  }

  function years(from: number, to: number | null, isFirst: boolean): string {
    if (to === null) return t('colours.since', { from })
    return isFirst ? t('colours.before', { to }) : t('colours.years', { from, to })
  }

  function classText({ by, classes }: BuildingColours, index: number): string {
    const { from, to } = rangeOf(classes, index)
    if (by === 'usage') return catalogue.codeText('building_use', classes[index]?.code)
    if (by === 'age') return years(from, to, index === 0)
    return between(from, to, by === 'incidents' ? 'cases' : 'percent')
  }

  return { classText }
}
