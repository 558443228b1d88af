import { useLocale } from '../../locales'
import { floorLabel } from '../../model/house'
import type { Home } from '../../model/people'

/** Where a home is, in words. */
export function useHomeText() {
  const { t } = useLocale()

  function unitText(unit: string): string {
    if (unit === '' || /\D$/.test(unit)) return unit
    return t('house.unit', { unit })
  }

  function floorText(floor: number): string {
    return t('house.floor', { floor: floorLabel(floor) })
  }

  /** The address; without one, unit and room. */
  function homeText(home: Pick<Home, 'address' | 'unit' | 'room'>): string {
    return home.address || [unitText(home.unit), home.room].filter(Boolean).join(' ')
  }

  return { unitText, floorText, homeText }
}
