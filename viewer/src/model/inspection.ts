import type { DueList } from '../api/inspections'
import { daysUntil } from './chinaTime'
import { dueState } from './due'
import type { DueState } from './due'

export const DUE_LISTS: readonly DueList[] = ['overdue', 'due_soon', 'to_rectify', 'all']

/** How pressing an inspection is. */
export function inspectionState(next: string | null, today: string): DueState {
  return next === null ? { key: 'inspection.unscheduled', days: 0, tone: 'neutral' } : dueState('inspection', daysUntil(next, today))
}
