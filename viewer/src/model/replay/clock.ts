/** A clock that keeps true time at a speed: what it shows hangs on the real clock alone, never on frames drawn. */
export interface ReplayClock {
  /** What it showed, in seconds of the day, when the real clock showed `startedAt`. */
  readonly second: number
  /** Milliseconds; null while it stands. */
  readonly startedAt: number | null
  readonly speed: number
}

export const SPEEDS: readonly number[] = [1, 10, 60, 120, 600]
export const DAY_SECONDS = 86_400

/** The second of the day it shows at `now` (milliseconds), at most the end of the day. */
export function secondAt(clock: ReplayClock, now: number): number {
  const passed = clock.startedAt === null ? 0 : ((now - clock.startedAt) / 1000) * clock.speed
  return Math.min(DAY_SECONDS, Math.max(0, clock.second + passed))
}

export function started(clock: ReplayClock, now: number): ReplayClock {
  return { ...clock, second: secondAt(clock, now), startedAt: now }
}

export function stopped(clock: ReplayClock, now: number): ReplayClock {
  return { ...clock, second: secondAt(clock, now), startedAt: null }
}

/** Set to a second, going on when it was going. */
export function setTo(clock: ReplayClock, second: number, now: number): ReplayClock {
  return { ...clock, second: Math.min(DAY_SECONDS, Math.max(0, second)), startedAt: clock.startedAt === null ? null : now }
}

export function atSpeed(clock: ReplayClock, speed: number, now: number): ReplayClock {
  return { second: secondAt(clock, now), startedAt: clock.startedAt === null ? null : now, speed }
}
