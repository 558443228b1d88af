import { DAY_SECONDS, SPEEDS } from '../replay/clock'
import type { UrlParameter } from './parameter'

/** What is replayed: a day, staff and vehicles, the second of the day and the speed. */
export interface ReplayQuestion {
  readonly day: string
  readonly objects: readonly { readonly kind: 'staff' | 'vehicle'; readonly id: number }[]
  readonly second: number
  readonly speed: number
}

const BETWEEN = '_'
const DAY = /^\d{4}-\d{2}-\d{2}$/
const OBJECT = /^[sv]\d{1,15}$/

/** `replay=2026-11-20_s12.v3_36000_60`: day, staff and vehicles, second of the day, speed. */
export const replayParameter: UrlParameter<ReplayQuestion | null> = {
  name: 'replay',
  fallback: null,
  read(text) {
    const [day = '', objects = '', second = '', speed = ''] = text.split(BETWEEN)
    const asked = objects.split('.')
    if (!DAY.test(day) || !asked.every((each) => OBJECT.test(each))) return null
    return {
      day,
      objects: asked.map((each) => ({ kind: each.startsWith('s') ? 'staff' : 'vehicle', id: Number(each.slice(1)) })),
      second: Number(second),
      speed: Number(speed),
    }
  },
  write(question) {
    if (!question) return null
    const objects = question.objects.map(({ kind, id }) => `${kind === 'staff' ? 's' : 'v'}${id}`).join('.')
    return [question.day, objects, question.second, question.speed].join(BETWEEN)
  },
  check: (question) =>
    question === null || (question.second >= 0 && question.second <= DAY_SECONDS && SPEEDS.includes(question.speed)),
}
