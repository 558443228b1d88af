import { expect, it } from 'vitest'
import { afterMoves, isMoving, isStale, parseMoves } from './movers'

const WORKER = [0, 7, '彭蕾霞', 'worker', 120.1, 30.2, 90, 4.5, 1_790_000_000]
const CAR = [1, 7, '虚A10001', 'patrol', 120.2, 30.3, null, null, 1_790_000_005]

it('reads staff and vehicles, and leaves out what means nothing', () => {
  const moves = parseMoves(JSON.stringify({ all: true, moved: [WORKER, CAR, [2, 1], 'x', [0, 'a']] }))
  expect(moves?.isAll).toBe(true)
  expect(moves?.moved.map(({ kind, id, label }) => [kind, id, label])).toEqual([
    ['staff', 7, '彭蕾霞'],
    ['vehicle', 7, '虚A10001'],
  ])
  expect(parseMoves('{"layer":"roads"}')).toBeNull()
  expect(parseMoves('no json')).toBeNull()
})

it('keeps who did not move, and lets go who has gone', () => {
  const all = parseMoves(JSON.stringify({ all: true, moved: [WORKER, CAR] }))
  const later = parseMoves(JSON.stringify({ moved: [[...WORKER.slice(0, 4), 121, 31, 0, 3, 1_790_000_010]], gone: [[1, 7]] }))
  if (!all || !later) throw new Error('not read')
  const before = afterMoves(new Map(), all)
  const after = afterMoves(before, later)
  expect([...before.keys()]).toEqual(['staff:7', 'vehicle:7'])
  expect([...after.keys()]).toEqual(['staff:7'])
  expect(after.get('staff:7')).toMatchObject({ longitude: 121, time: 1_790_000_010 })
  expect([...afterMoves(after, all).keys()]).toEqual(['staff:7', 'vehicle:7'])
})

it('calls a place old after five minutes', () => {
  expect(isStale({ time: 1000 }, 1300)).toBe(false)
  expect(isStale({ time: 1000 }, 1301)).toBe(true)
})

it('is moving when it was heard of lately and is not known to stand', () => {
  expect(isMoving({ time: 1000, speed: 4 }, 1010)).toBe(true)
  expect(isMoving({ time: 1000, speed: null }, 1010)).toBe(true)
  expect(isMoving({ time: 1000, speed: 0.4 }, 1010)).toBe(false)
  expect(isMoving({ time: 1000, speed: 4 }, 1400)).toBe(false)
})
