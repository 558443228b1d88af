import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { effectScope, ref } from 'vue'
import { useLoaded } from './useLoaded'

interface Asked {
  readonly key: number
  readonly signal: AbortSignal
  answer(data: string): void
  fail(error: unknown): void
}

function setUp(first: number | null) {
  const asked: Asked[] = []
  const key = ref(first)
  const scope = effectScope()
  const loaded = scope.run(() =>
    useLoaded<number, string>(
      () => key.value,
      (wanted, signal) =>
        new Promise((resolve, reject) => {
          asked.push({ key: wanted, signal, answer: resolve, fail: reject })
        }),
    ),
  )
  if (!loaded) throw new Error('the scope did not run')
  return { asked, key, scope, loaded }
}

it('loads what the key names and nothing for null', async () => {
  const { asked, key, loaded } = setUp(null)
  expect(asked).toHaveLength(0)
  key.value = 1
  await flushPromises()
  expect(loaded.isLoading.value).toBe(true)
  asked[0]?.answer('one')
  await flushPromises()
  expect(loaded.data.value).toBe('one')
  expect(loaded.isLoading.value).toBe(false)
})

it('drops an answer that comes after the key has changed', async () => {
  const { asked, key, loaded } = setUp(1)
  key.value = 2
  await flushPromises()
  expect(asked[0]?.signal.aborted).toBe(true)
  asked[1]?.answer('two')
  asked[0]?.answer('one')
  await flushPromises()
  expect(loaded.data.value).toBe('two')
})

it('keeps the old data while it reloads, and tells a failure', async () => {
  const { asked, loaded } = setUp(1)
  asked[0]?.answer('old')
  await flushPromises()
  void loaded.reload()
  expect(loaded.data.value).toBe('old')
  asked[1]?.fail(new Error('down'))
  await flushPromises()
  expect(loaded.data.value).toBe('old')
  expect(loaded.error.value).toBeInstanceOf(Error)
})

it('gives up with its scope', () => {
  const { asked, scope } = setUp(1)
  scope.stop()
  expect(asked[0]?.signal.aborted).toBe(true)
})
