import { expect, it } from 'vitest'
import { faultReason } from './faultReason'

it.each([
  ['required', 'form.required', {}],
  ['201 is above 200', 'form.tooHigh', { maximum: '200' }],
  ['70 characters; at most 60', 'form.tooLong', { length: '70', maximum: '60' }],
  ["'B9' is no code of building_use", 'form.noCode', {}],
  ['wrong check character: 3', 'form.checkCharacter', {}],
  ['Key (code)=(1) already exists.', 'form.duplicate', {}],
])('%s', (reason, key, parameters) => {
  expect(faultReason(reason)).toEqual({ key, parameters })
})

it('leaves what it does not know to be shown as it is', () => {
  expect(faultReason('the moon is full')).toBeNull()
})
