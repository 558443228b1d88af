import type { DueList } from '../api/inspections'

export const DUE_LISTS: readonly DueList[] = ['overdue', 'due_soon', 'to_rectify', 'all']

const DAY_MS = 86_400_000
const SOON_DAYS = 7

/** Days from one day (YYYY-MM-DD) to another; negative when that is past. */
export function daysUntil(day: string, today: string): number {
  return Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS)
}

export type DueTone = 'bad' | 'warn' | 'neutral'

/** How pressing an inspection is, as a key of the locale files with the days. */
export function dueState(next: string | null, today: string): { readonly key: string; readonly days: number; readonly tone: DueTone } {
  if (next === null) return { key: 'inspection.unscheduled', days: 0, tone: 'neutral' }
  const days = daysUntil(next, today)
  if (days < 0) return { key: 'inspection.overdueBy', days: -days, tone: 'bad' }
  if (days === 0) return { key: 'inspection.dueToday', days, tone: 'warn' }
  return { key: 'inspection.dueIn', days, tone: days <= SOON_DAYS ? 'warn' : 'neutral' }
}
