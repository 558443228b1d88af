import { effectScope } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { usePages } from './usePages'

interface Numbers {
  readonly items: readonly number[]
  readonly next: number | null
}

/** Pages of two rows up to six, each given when it is let. */
function pages() {
  const given: ((answer?: Error) => void)[] = []
  const ask = vi.fn(
    (after: number | null) =>
      new Promise<Numbers>((resolve, reject) => {
        const from = after ?? 0
        given.push((error) => (error ? reject(error) : resolve({ items: [from + 1, from + 2], next: from < 4 ? from + 2 : null })))
      }),
  )
  const used = effectScope().run(() => usePages<number, number, Numbers>(ask))
  if (!used) throw new Error('no scope')
  const answer = async (index: number, error?: Error) => {
    given[index]?.(error)
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
  }
  return { ...used, ask, answer }
}

describe('usePages', () => {
  it('adds page to page, each asked for once however often it is pressed', async () => {
    const { rows, next, isBusy, load, more, ask, answer } = pages()
    void load()
    await answer(0)
    void more()
    void more()
    expect(isBusy.value).toBe(true)
    await answer(1)
    expect(ask.mock.calls.map(([after]) => after)).toEqual([null, 2])
    expect(rows.value).toEqual([1, 2, 3, 4])
    void more()
    await answer(2)
    expect(next.value).toBeNull()
    await more()
    expect(ask).toHaveBeenCalledTimes(3)
  })

  it('keeps the rows when a page fails, and reads that page again', async () => {
    const { rows, failure, load, more, retry, answer } = pages()
    void load()
    await answer(0)
    void more()
    await answer(1, new Error('away'))
    expect(failure.value).toBeInstanceOf(Error)
    expect(rows.value).toEqual([1, 2])
    void retry()
    await answer(2)
    expect(failure.value).toBeNull()
    expect(rows.value).toEqual([1, 2, 3, 4])
  })

  it('begins with nothing, and hears no more of what it was asked before', async () => {
    const { rows, failure, load, begin, answer } = pages()
    void load()
    await answer(0)
    void load()
    void begin()
    expect(rows.value).toBeNull()
    await answer(1, new Error('late'))
    expect(failure.value).toBeNull()
    await answer(2)
    expect(rows.value).toEqual([1, 2])
  })
})
