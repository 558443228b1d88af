import { expect, it } from 'vitest'
import { ApiError } from '../../api/client'
import type { FormField } from '../../model/form'
import { useForm } from './useForm'

const title = { zh: '名称', en: 'Name' }
const FIELDS: readonly FormField[] = [
  { name: 'name', title, type: 'text', required: true },
  { name: 'levels', title, type: 'integer', maximum: 200 },
]

function form() {
  return useForm(
    () => FIELDS,
    () => ({ name: '一号楼', levels: 6 }),
  )
}

it('shows faults from the first attempt to save on, then as values change', () => {
  const { set, check, faults } = form()
  set('name', '')
  expect(faults.value.size).toBe(0)
  expect(check()).toBe(false)
  expect(faults.value.get('name')).toBe('必填')
  set('name', '二号楼')
  expect(faults.value.size).toBe(0)
})

it('knows what was changed, and forgets it', () => {
  const { set, changes, isChanged, restart } = form()
  set('levels', 7)
  expect(changes.value).toEqual({ levels: 7 })
  restart()
  expect(isChanged.value).toBe(false)
})

it('takes up the faults of the server until the field is touched', () => {
  const { set, takeFaults, faults } = form()
  const refusal = new ApiError(422, 'Invalid', '', [{ field: 'levels', reason: '300 is above 200' }])
  expect(takeFaults(refusal)).toBe(true)
  expect(faults.value.get('levels')).toBe('不能大于 200')
  set('levels', 6)
  expect(faults.value.size).toBe(0)
})

it('leaves a refusal that names no field to be told as a whole', () => {
  const { takeFaults } = form()
  expect(takeFaults(new ApiError(422, 'Invalid', '', [{ field: '', reason: 'nothing to change' }]))).toBe(false)
  expect(takeFaults(new Error('down'))).toBe(false)
})
