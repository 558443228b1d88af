import { dueTiles, getDueFigures, getDueRentals } from '../../api/inspections'
import type { DueFigures, DueFilter, DueList, DueRental } from '../../api/inspections'
import { useDueList } from '../shared/useDueList'

/** One list of rentals due for inspection, and the same on the map. */
export const useRentalList = () =>
  useDueList<DueList, DueFilter, DueRental, DueFigures>(
    {
      opened: 'overdue',
      layer: 'rentals_due',
      live: ['rentals', 'inspections', 'dwellings'],
      getFigures: getDueFigures,
      getRows: getDueRentals,
      tilesOf: dueTiles,
    },
    {},
  )
