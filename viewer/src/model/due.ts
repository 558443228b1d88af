const SOON_DAYS = 7

/** How pressing something is, as a key of the locale files with the days. */
export interface DueState {
  readonly key: string
  readonly days: number
  readonly tone: 'bad' | 'warn' | 'neutral'
}

/** How pressing what is due in so many days is; negative days are past. */
export function dueState(about: 'care' | 'inspection', days: number): DueState {
  if (days < 0) return { key: `${about}.overdueBy`, days: -days, tone: 'bad' }
  if (days === 0) return { key: `${about}.dueToday`, days: 0, tone: 'warn' }
  return { key: `${about}.dueIn`, days, tone: days <= SOON_DAYS ? 'warn' : 'neutral' }
}
