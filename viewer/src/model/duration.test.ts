import { expect, it } from 'vitest'
import { formatDuration } from './duration'

const WORDS = { days: '{count}天', hours: '{count}小时', minutes: '{count}分钟', moment: '不到1分钟' }
const MINUTE = 60_000

it.each([
  [59_999, '不到1分钟'],
  [MINUTE, '1分钟'],
  [119 * MINUTE + 59_999, '1小时59分钟'],
  [120 * MINUTE, '2小时'],
  [1_440 * MINUTE, '1天'],
  [(1_440 * 3 + 60 * 5 + 20) * MINUTE, '3天5小时'],
  [(1_440 * 12 + 60 * 5) * MINUTE, '12天'],
  [-30 * MINUTE, '30分钟'],
])('%i ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds, WORDS)).toBe(text)
})
