import { expect, it } from 'vitest'
import { formatValue } from './format'
import type { Speech } from './format'

const ZH: Speech = { language: 'zh', yes: '是', no: '否', codeText: (table, code) => `${table}:${code}` }

it.each([
  [{ type: 'text' }, null, ''],
  [{ type: 'text' }, '', ''],
  [{ type: 'text' }, '一号楼', '一号楼'],
  [{ type: 'text', codes: 'usage' }, 'B1', 'usage:B1'],
  [{ type: 'integer', codes: 'sex' }, 1, 'sex:1'],
  [{ type: 'integer' }, 1998, '1998'],
  [{ type: 'integer', unit: '人' }, 12345, '12,345 人'],
  [{ type: 'number', unit: 'm' }, 54.25, '54.25 m'],
  [{ type: 'boolean' }, false, '否'],
  [{ type: 'date' }, '2020-02-01', '2020-02-01'],
  [{ type: 'datetime' }, 'soon', 'soon'],
] as const)('%o %s', (field, value, text) => {
  expect(formatValue(field, value, ZH)).toBe(text)
})

it('writes a moment to the minute', () => {
  const text = formatValue({ type: 'datetime' }, '2026-03-04T05:06:07+08:00', ZH)
  expect(text).toMatch(/^2026\/03\/0[34] \d\d:06$/)
})
