import { CHINA_HOURS, chinaDay, DAY_MS, HOUR_MS } from '../chinaTime'

/**
 * The time a heat map is about, as it stands in the address: `d30` the last thirty days, `m2026-10` a month,
 * `r2026-10-01_2026-10-15` days, both ends included. Days begin at midnight in China.
 */
export type PeriodText = string

export interface Span {
  readonly since: Date
  readonly until: Date
}

const MOST_DAYS = 3_660

/** Midnight in China at the beginning of a day. */
function midnight(year: number, month: number, day: number): Date {
  return new Date(Date.UTC(year, month - 1, day) - CHINA_HOURS * HOUR_MS)
}

/** Year, month and day in China. */
function dayIn(moment: Date): readonly [number, number, number] {
  const shifted = new Date(moment.getTime() + CHINA_HOURS * HOUR_MS)
  return [shifted.getUTCFullYear(), shifted.getUTCMonth() + 1, shifted.getUTCDate()]
}

const two = (value: number) => String(value).padStart(2, '0')

/** The month so many months before the one of a moment, as a period. */
export function monthPeriod(now: Date, back = 0): PeriodText {
  const [year, month] = dayIn(now)
  const first = new Date(Date.UTC(year, month - 1 - back, 1))
  return `m${first.getUTCFullYear()}-${two(first.getUTCMonth() + 1)}`
}

/** Days from one to another, both included, as a period. */
export const rangePeriod = (from: string, to: string): PeriodText => `r${from}_${to}`

function dayOf(text: string): Date | null {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number)
  const found = midnight(year, month, day)
  return chinaDay(found) === text ? found : null
}

/** From when to when a period is, the end not included; null for a text that is none. Whole days end with today. */
export function spanOf(period: PeriodText, now: Date): Span | null {
  const [year, month, day] = dayIn(now)
  const last = /^d(\d{1,4})$/.exec(period)
  if (last) {
    const days = Number(last[1])
    const until = midnight(year, month, day + 1)
    return days > 0 && days <= MOST_DAYS ? { since: new Date(until.getTime() - days * DAY_MS), until } : null
  }
  const whole = /^m(\d{4})-(\d{2})$/.exec(period)
  if (whole) {
    const [of, at] = [Number(whole[1]), Number(whole[2])]
    return at >= 1 && at <= 12 ? { since: midnight(of, at, 1), until: midnight(of, at + 1, 1) } : null
  }
  const range = /^r(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})$/.exec(period)
  const [since, end] = [dayOf(range?.[1] ?? ''), dayOf(range?.[2] ?? '')]
  if (!since || !end || since > end || end.getTime() - since.getTime() > MOST_DAYS * DAY_MS) return null
  return { since, until: new Date(end.getTime() + DAY_MS) }
}

/** The span as the server's `datetime`. */
export const datetimeOf = ({ since, until }: Span): string => `${since.toISOString()}/${until.toISOString()}`

export const daysOf = ({ since, until }: Span): number => (until.getTime() - since.getTime()) / DAY_MS
