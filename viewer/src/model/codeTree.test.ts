import { expect, it } from 'vitest'
import { codesToChoose, codeTree, isTree } from './codeTree'

const CODES = [
  { code: 'UM-01', zh: '市容环境', en: 'City appearance', parent: null, edition: 'GB/T 30428.2' },
  { code: 'UM-0101', zh: '私搭乱建', en: 'Unauthorised building', parent: 'UM-01' },
  { code: 'CJ-01', zh: '市容环境', en: 'Appearance', edition: 'CJ/T 214' },
  { code: 'X', zh: '散列', en: '', parent: 'gone', valid: false },
]

it('builds a tree and tells namesakes apart by their edition', () => {
  expect(codeTree(CODES, 'zh')).toEqual([
    { value: 'UM-01', label: '市容环境 GB/T 30428.2', children: [{ value: 'UM-0101', label: '私搭乱建' }] },
    { value: 'CJ-01', label: '市容环境 CJ/T 214' },
    { value: 'X', label: '散列' },
  ])
})

it('falls back to Chinese where there is no English', () => {
  expect(codeTree(CODES, 'en').map((node) => node.label)).toEqual(['City appearance', 'Appearance', '散列'])
})

it('knows a flat table', () => {
  expect(isTree(CODES)).toBe(true)
  expect(isTree([{ code: '1', zh: '男', en: 'Male' }])).toBe(false)
})

it('offers no code that has ended, except the one that is set', () => {
  expect(codesToChoose(CODES).map((entry) => entry.code)).toEqual(['UM-01', 'UM-0101', 'CJ-01'])
  expect(codesToChoose(CODES, 'X')).toHaveLength(4)
})
