import { expect, it } from 'vitest'
import { watermarkImage } from './watermark'

it('writes both lines and escapes them', () => {
  const image = decodeURIComponent(watermarkImage('<张三> & co', '2026/01/02 03:04'))
  expect(image).toContain('&lt;张三&gt; &amp; co')
  expect(image).toContain('2026/01/02 03:04')
  expect(image.startsWith('url("data:image/svg+xml,')).toBe(true)
})
