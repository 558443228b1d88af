import { expect, it } from 'vitest'
import { faultReason } from './faultReason'

it.each([
  ['required', 'form.required', {}],
  ['201 is above 200', 'form.tooHigh', { maximum: '200' }],
  ['needed', 'form.required', {}],
  ['0 is less than the minimum of 1', 'form.tooLow', { minimum: '1' }],
  ['0 is less than or equal to the minimum of 0', 'form.tooLow', { minimum: '0' }],
  ['9000 is greater than the maximum of 5000', 'form.tooHigh', { maximum: '5000' }],
  ["'wide' is not of type 'number'", 'form.notNumber', {}],
  ['start/end expected, both of them', 'analyses.bothDays', {}],
  ['1 to 5,000 expected, not 0', 'analyses.howMany', { most: '5,000', count: '0' }],
  ['1 to 200 expected apart, not 1,518', 'analyses.howMany', { most: '200', count: '1,518' }],
  ['1 to 10 above 0 and up to 120 minutes', 'analyses.limitsWrong', { most: '10', longest: '120' }],
  ['more than 5,000 features; narrow them, or give a limit', 'analyses.tooManyFeatures', { most: '5,000' }],
  ['an instant or start/end with start before end expected', 'form.endsBefore', {}],
  ['70 characters; at most 60', 'form.tooLong', { length: '70', maximum: '60' }],
  ["'B9' is no code of building_use", 'form.noCode', {}],
  ['wrong check character: 3', 'form.checkCharacter', {}],
  ['12.5 MB; at most 10 MB', 'form.photoTooLarge', { size: '12.5', maximum: '10' }],
  ['the picture is damaged', 'form.photoDamaged', {}],
  ['no picture of a kind that is kept (JPEG, PNG, WEBP)', 'form.noPhoto', {}],
  ['the household has a householder already', 'form.secondHouseholder', {}],
  ['the ID number says 1990-02-03', 'form.numberSays', { day: '1990-02-03' }],
  ['it ends before it begins', 'form.endsBefore', {}],
  ['the dwelling or its building is gone', 'form.dwellingGone', {}],
  ['Key (code)=(1) already exists.', 'form.duplicate', {}],
])('%s', (reason, key, parameters) => {
  expect(faultReason(reason)).toEqual({ key, parameters })
})

it('leaves what it does not know to be shown as it is', () => {
  expect(faultReason('the moon is full')).toBeNull()
})
