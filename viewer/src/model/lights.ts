export type LightColor = 'green' | 'yellow' | 'red'

/** What a case shows; a suspended one keeps the colour it had, with its clock stopped. */
export interface Light {
  readonly color: LightColor
  readonly paused: boolean
}

/** The moments a light hangs on, RFC 3339, as the server gives them with a case. */
export interface Timing {
  readonly warn_at: string | null
  readonly due_at: string | null
  readonly closed_at: string | null
  readonly paused_at: string | null
}

function millisecondsOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}

/**
 * The light at a moment (epoch milliseconds), by the rule of the server: green before the warning, yellow up to
 * and including the due time, red after it; null for a case without a deadline.
 */
export function lightOf(timing: Timing, now: number): Light | null {
  const due = millisecondsOf(timing.due_at)
  if (due === null) return null
  const moment = millisecondsOf(timing.closed_at) ?? millisecondsOf(timing.paused_at) ?? now
  const warn = millisecondsOf(timing.warn_at)
  const isNear = warn !== null && moment >= warn
  const color = moment > due ? 'red' : isNear ? 'yellow' : 'green'
  return { color, paused: timing.paused_at !== null && timing.closed_at === null }
}

/** The first moment (epoch milliseconds) after now with another light; null if there is none to come. */
export function nextChange(timing: Timing, now: number): number | null {
  const due = millisecondsOf(timing.due_at)
  if (due === null || timing.closed_at !== null || timing.paused_at !== null) return null
  const warn = millisecondsOf(timing.warn_at)
  if (warn !== null && warn > now && warn <= due) return warn
  return due + 1 > now ? due + 1 : null
}

/** Milliseconds left until the due time, negative after it; stopped when closed or suspended. */
export function timeLeft(timing: Timing, now: number): number | null {
  const due = millisecondsOf(timing.due_at)
  if (due === null) return null
  return due - (millisecondsOf(timing.closed_at) ?? millisecondsOf(timing.paused_at) ?? now)
}
