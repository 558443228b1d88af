import { describe, expect, it } from 'vitest'
import { linesOf } from './addressLines'

describe('linesOf', () => {
  it('takes lines and cells, each once', () => {
    expect(linesOf(' 澄湖路1号\r\n\n澄湖路2号\t3弄4号\n澄湖路1号 ')).toEqual(['澄湖路1号', '澄湖路2号', '3弄4号'])
  })
  it('finds nothing in blanks', () => {
    expect(linesOf(' \n\t\n')).toEqual([])
  })
})
