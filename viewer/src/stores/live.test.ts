import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { useLive } from './live'

class FakeEventSource {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSED = 2
  static all: FakeEventSource[] = []

  readyState = FakeEventSource.CONNECTING
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null
  onmessage: ((event: MessageEvent<string>) => void) | null = null

  constructor(readonly url: string) {
    FakeEventSource.all.push(this)
  }

  close() {
    this.readyState = FakeEventSource.CLOSED
  }

  private readonly named = new Map<string, (event: MessageEvent<string>) => void>()

  addEventListener(name: string, listener: (event: MessageEvent<string>) => void) {
    this.named.set(name, listener)
  }

  sendAs(name: string, data: string) {
    this.named.get(name)?.(new MessageEvent(name, { data }))
  }

  succeed() {
    this.readyState = FakeEventSource.OPEN
    this.onopen?.()
  }

  fail(readyState: number) {
    this.readyState = readyState
    this.onerror?.()
  }

  send(data: string) {
    this.onmessage?.(new MessageEvent('message', { data }))
  }
}

const realEventSource = globalThis.EventSource
const realFetch = globalThis.fetch
const latest = () => FakeEventSource.all.at(-1)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  FakeEventSource.all = []
  Object.assign(globalThis, { EventSource: FakeEventSource })
  globalThis.fetch = () => Promise.resolve(new Response('{}', { status: 401 }))
})
afterEach(() => {
  vi.useRealTimers()
  Object.assign(globalThis, { EventSource: realEventSource })
  globalThis.fetch = realFetch
})

describe('useLive', () => {
  it('tells its listeners each change, until they stop', () => {
    const live = useLive()
    const heard: (number | null)[] = []
    const stop = live.onChange((message) => heard.push(message.id))
    live.open()
    expect(live.state).toBe('connecting')
    latest()?.succeed()
    expect(live.state).toBe('open')
    latest()?.send('{"layer":"buildings","id":7,"action":"update"}')
    latest()?.send('{"layer":"buildings","all":true}')
    latest()?.send('rubbish')
    expect(heard).toEqual([7, null])
    stop()
    latest()?.send('{"layer":"buildings","id":8,"action":"update"}')
    expect(heard).toHaveLength(2)
    expect(live.last?.id).toBe(8)
  })

  it('leaves a dropped line to the browser, which resumes by itself', () => {
    const live = useLive()
    let gaps = 0
    live.onGap(() => {
      gaps += 1
    })
    live.open()
    latest()?.succeed()
    latest()?.fail(FakeEventSource.CONNECTING)
    expect(live.state).toBe('lost')
    latest()?.succeed()
    vi.advanceTimersByTime(60_000)
    expect(FakeEventSource.all).toHaveLength(1)
    expect(gaps).toBe(0)
  })

  it('opens a refused stream anew, ever more slowly, and tells of the gap', () => {
    const live = useLive()
    let gaps = 0
    live.onGap(() => {
      gaps += 1
    })
    live.open()
    latest()?.fail(FakeEventSource.CLOSED)
    vi.advanceTimersByTime(2_000)
    expect(FakeEventSource.all).toHaveLength(2)
    latest()?.fail(FakeEventSource.CLOSED)
    vi.advanceTimersByTime(2_000)
    expect(FakeEventSource.all).toHaveLength(2)
    vi.advanceTimersByTime(2_000)
    expect(FakeEventSource.all).toHaveLength(3)
    latest()?.succeed()
    expect(gaps).toBe(1)
  })

  it('stays closed once closed', () => {
    const live = useLive()
    live.open()
    latest()?.fail(FakeEventSource.CLOSED)
    live.close()
    vi.advanceTimersByTime(60_000)
    expect(FakeEventSource.all).toHaveLength(1)
    expect(live.state).toBe('off')
  })

  it('carries moves only as long as somebody listens, and goes on where it was', () => {
    const live = useLive()
    live.open()
    const heard: number[] = []
    const stop = live.onMoves(({ moved }) => heard.push(moved.length))
    const source = FakeEventSource.all.at(-1)
    expect(source?.url).toBe('/live?positions=true')
    source?.sendAs('positions', '{"all":true,"moved":[[0,7,"甲",null,120,30,null,null,1]]}')
    expect(heard).toEqual([1])
    stop()
    expect(FakeEventSource.all.at(-1)?.url).toBe('/live')
  })
})
