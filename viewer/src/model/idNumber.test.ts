import { describe, expect, it } from 'vitest'
import { readIdNumber } from './idNumber'

describe('readIdNumber', () => {
  it('reads birth date and sex of a number that is right', () => {
    expect(readIdNumber('11010519491231002X')).toEqual({ birth_date: '1949-12-31', sex: '2' })
    expect(readIdNumber(' 11010519491231002x ')).toEqual({ birth_date: '1949-12-31', sex: '2' })
  })

  it('reads nothing of one with a wrong check character, day or length', () => {
    expect(readIdNumber('110105194912310021')).toBeNull()
    expect(readIdNumber('110105194902300029')).toBeNull()
    expect(readIdNumber('1101051949123100')).toBeNull()
    expect(readIdNumber('')).toBeNull()
  })
})
