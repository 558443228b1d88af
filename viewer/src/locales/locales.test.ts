import { afterEach, describe, expect, it } from 'vitest'
import { fillIn, formatNumber, inLanguage, t, useLocale } from './index'

type Texts = Record<string, string>

const chinese = import.meta.glob<Texts>('./zh/*.json', { eager: true, import: 'default' })
const english = import.meta.glob<Texts>('./en/*.json', { eager: true, import: 'default' })
const inEnglish = (path: string) => english[path.replace('/zh/', '/en/')] ?? {}

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

it('are in as many files in both languages', () => {
  expect(Object.keys(english)).toHaveLength(Object.keys(chinese).length)
})

describe.each(Object.entries(chinese))('the texts of %s', (path, texts) => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(inEnglish(path)).sort()).toEqual(Object.keys(texts).sort())
  })

  it('have the same parameters in both languages', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect(placeholders(inEnglish(path)[key] ?? ''), key).toEqual(placeholders(text))
    }
  })
})

it('have each key in one file only', () => {
  const keys = Object.values(chinese).flatMap((texts) => Object.keys(texts))
  expect(keys.filter((key, index) => keys.indexOf(key) < index)).toEqual([])
})

describe('useLocale', () => {
  const { setLanguage } = useLocale()
  afterEach(() => setLanguage('zh'))

  it('speaks Chinese first and English on request', () => {
    expect(t('action.save')).toBe('保存')
    setLanguage('en')
    expect(t('action.save')).toBe('Save')
    expect(inLanguage({ zh: '楼栋', en: 'Buildings' })).toBe('Buildings')
  })

  it('fills in parameters and shows the key of a missing text', () => {
    expect(t('layers.show', { layer: '道路' })).toBe('显示道路')
    expect(fillIn('{a} of {b}', { a: 1 })).toBe('1 of {b}')
    expect(t('no.such.key')).toBe('no.such.key')
  })

  it('separates thousands', () => {
    expect(formatNumber(1234567)).toBe('1,234,567')
  })
})
