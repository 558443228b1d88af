/** The words a length of time is told in; `{count}` stands for the number. */
export interface DurationWords {
  readonly days: string
  readonly hours: string
  readonly minutes: string
  /** Less than a minute. */
  readonly moment: string
}

const MINUTE_MS = 60_000
const MINUTES_PER_HOUR = 60
const MINUTES_PER_DAY = 1_440
/** From here on hours say nothing more. */
const DAYS_ALONE = 10

/** A length of time in its two largest units, rounded down; the sign is not told. */
export function formatDuration(milliseconds: number, words: DurationWords): string {
  const minutes = Math.floor(Math.abs(milliseconds) / MINUTE_MS)
  const days = Math.floor(minutes / MINUTES_PER_DAY)
  const hours = Math.floor((minutes % MINUTES_PER_DAY) / MINUTES_PER_HOUR)
  const say = (text: string, count: number) => (count > 0 ? text.replace('{count}', String(count)) : '')
  if (minutes === 0) return words.moment
  if (days >= DAYS_ALONE) return say(words.days, days).trim()
  if (days > 0) return (say(words.days, days) + say(words.hours, hours)).trim()
  return (say(words.hours, hours) + say(words.minutes, minutes % MINUTES_PER_HOUR)).trim()
}
