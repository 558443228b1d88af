import { careTiles, getCareFigures, getCareRows } from '../../api/care'
import type { CareFigures, CareFilter, CareList, DueCare, DueService } from '../../api/care'
import { useDueList } from '../shared/useDueList'

/** One list of what is due in care, and the homes on the map. */
export const useCareList = () =>
  useDueList<CareList, CareFilter, DueCare | DueService, CareFigures>(
    {
      opened: 'visit_overdue',
      layer: 'care_due',
      live: ['care_records', 'care_visits', 'elderly_services', 'residences'],
      getFigures: getCareFigures,
      getRows: getCareRows,
      tilesOf: careTiles,
    },
    {},
  )
