import { afterEach, describe, expect, it } from 'vitest'
import baseEnglish from './base.en.json'
import baseChinese from './base.zh.json'
import { fillIn, formatNumber, inLanguage, t, useLocale } from './index'
import panelsEnglish from './panels.en.json'
import panelsChinese from './panels.zh.json'

const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe.each([
  ['base', baseChinese, baseEnglish],
  ['panels', panelsChinese, panelsEnglish],
])('the %s texts', (_name, chinese: Record<string, string>, english: Record<string, string>) => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort())
  })

  it('have the same parameters in both languages', () => {
    for (const [key, text] of Object.entries(chinese)) {
      expect(placeholders(english[key] ?? ''), key).toEqual(placeholders(text))
    }
  })
})

it('has no key in both files', () => {
  const panels = new Set(Object.keys(panelsChinese))
  expect(Object.keys(baseChinese).filter((key) => panels.has(key))).toEqual([])
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
