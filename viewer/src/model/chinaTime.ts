export const CHINA_HOURS = 8
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** The moment moved so that its UTC fields are those of China; there is no summer time since 1991. */
const moved = (moment: Date) => new Date(moment.getTime() + CHINA_HOURS * HOUR_MS)

/** The day of a moment in China, `2026-10-01`, as the database counts days. */
export const chinaDay = (moment: Date): string => moved(moment).toISOString().slice(0, 10)

/** The day before a day (YYYY-MM-DD). */
export const dayBefore = (day: string): string => new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10)

/** Days from one day (YYYY-MM-DD) to another; negative when that is past. */
export const daysUntil = (day: string, today: string): number => Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS)

/** The time of day of a moment in China, `08:30`. */
export const chinaClock = (moment: Date): string => moved(moment).toISOString().slice(11, 16)

/** The time of day at a second of it, `08:30:05`; 24:00:00 at its end. */
export function clockAt(second: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${two(second / 3_600)}:${two((second / 60) % 60)}:${two(second % 60)}`
}
