import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Timing } from '../../model/lights'
import IncidentLight from './IncidentLight.vue'

const START = Date.parse('2026-03-02T10:00:00Z')
const TIMING: Timing = {
  warn_at: '2026-03-02T10:10:00Z',
  due_at: '2026-03-02T10:30:00Z',
  closed_at: null,
  paused_at: null,
}

beforeEach(() => {
  vi.useFakeTimers({ now: START })
  setActivePinia(createPinia())
})
afterEach(() => vi.useRealTimers())

async function pass(milliseconds: number) {
  await vi.advanceTimersByTimeAsync(milliseconds)
  await nextTick()
}

it('changes by itself, at its second', async () => {
  const light = mount(IncidentLight, { props: { timing: TIMING } })
  const seen = () => [light.get('[data-light]').attributes('data-light'), light.text()]
  expect(seen()).toEqual(['green', '正常'])
  await pass(10 * 60_000 - 1)
  expect(seen()).toEqual(['green', '正常'])
  await pass(1)
  expect(seen()).toEqual(['yellow', '临期'])
  await pass(20 * 60_000)
  expect(seen()).toEqual(['yellow', '临期'])
  await pass(1)
  expect(seen()).toEqual(['red', '超期'])
})

it('counts down by the minute and then up', async () => {
  const light = mount(IncidentLight, { props: { timing: TIMING, countsDown: true } })
  expect(light.text()).toBe('正常 · 剩 30分钟')
  await pass(60_001)
  expect(light.text()).toBe('正常 · 剩 28分钟')
  await pass(30 * 60_000)
  expect(light.text()).toBe('超期 · 超 1分钟')
})

it('tells a suspended case and a closed one', () => {
  const told = (change: Partial<Timing>) =>
    mount(IncidentLight, { props: { timing: { ...TIMING, ...change } } }).text()
  expect(told({ paused_at: '2026-03-02T10:05:00Z' })).toBe('挂账')
  expect(told({ closed_at: '2026-03-02T10:05:00Z' })).toBe('按期结案')
  expect(told({ closed_at: '2026-03-02T11:05:00Z' })).toBe('超期结案')
  expect(told({ due_at: null })).toBe('')
})
