import type { CareList, DueCare, DueService } from '../api/care'
import type { FormField } from './form'

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

export type CareTone = 'bad' | 'warn' | 'neutral'

/** How pressing a row of a list is, as a key of the locale files with the days. */
export function pressing(list: CareList, days: number): { readonly key: string; readonly days: number; readonly tone: CareTone } {
  if (list === 'service_open') return { key: 'care.waiting', days, tone: days > 7 ? 'bad' : 'warn' }
  if (list === 'service_follow_up') return { key: 'care.doneSince', days, tone: 'warn' }
  if (days > 0) return { key: 'care.overdueBy', days, tone: 'bad' }
  if (days === 0) return { key: 'care.dueToday', days, tone: 'warn' }
  return { key: 'care.dueIn', days: -days, tone: days >= -7 ? 'warn' : 'neutral' }
}

/** Fields of a declaration as a form of its own asks for them: in this order, always; those of `required` must be given. */
export function asked(fields: readonly FormField[], names: readonly string[], required: readonly string[] = []): readonly FormField[] {
  return names.flatMap((name) => {
    const found = fields.find((field) => field.name === name)
    if (!found) return []
    const { when: _, ...field } = found
    return [required.includes(name) ? { ...field, required: true } : field]
  })
}
