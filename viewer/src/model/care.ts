import type { CareList, DueCare, DueService } from '../api/care'
import { dueState } from './due'
import type { DueState } from './due'

export type CareTab = 'visit' | 'review' | 'service'

export const CARE_TABS: readonly CareTab[] = ['visit', 'review', 'service']

/** The lists of a tab, the more pressing first. */
export const LISTS_OF: Readonly<Record<CareTab, readonly [CareList, CareList]>> = {
  visit: ['visit_overdue', 'visit_soon'],
  review: ['review_overdue', 'review_soon'],
  service: ['service_open', 'service_follow_up'],
}

export function isService(row: DueCare | DueService): row is DueService {
  return 'kind' in row
}

const LONG_WAIT_DAYS = 7

/** How pressing a row of a list is, by the days since it was due. */
export function pressing(list: CareList, days: number): DueState {
  if (list === 'service_open') return { key: 'care.waiting', days, tone: days > LONG_WAIT_DAYS ? 'bad' : 'warn' }
  if (list === 'service_follow_up') return { key: 'care.doneSince', days, tone: 'warn' }
  return dueState('care', -days)
}
