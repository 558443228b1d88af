import { afterEach, expect, it } from 'vitest'
import { ApiError } from '../api/client'
import { errorText } from './errors'
import { useLocale } from './index'

const { setLanguage } = useLocale()
afterEach(() => setLanguage('zh'))

const refused = new ApiError(400, 'Bad Request', 'two faults', [
  { field: 'area_code', reason: 'required' },
  { field: 'other', reason: 'required' },
  { field: 'unknown', reason: 'the moon is full' },
])

it('tells what was found wrong, each once, in the language of the reader', () => {
  expect(errorText(refused)).toBe('必填；the moon is full')
  setLanguage('en')
  expect(errorText(refused)).toBe('Required; the moon is full')
})

it('tells the detail where no fault is named, and a conflict as such', () => {
  expect(errorText(new ApiError(400, 'Bad Request', 'no such list'))).toBe('no such list')
  expect(errorText(new ApiError(409, 'Conflict', '', [{ field: 'a', reason: 'required' }]))).toContain('他人')
})
