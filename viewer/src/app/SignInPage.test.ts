import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useSession } from '../stores/session'
import SignInPage from './SignInPage.vue'

const realFetch = globalThis.fetch
let sent: string[] = []

function answer(status: number, body: unknown) {
  globalThis.fetch = (_url, init) => {
    sent.push(String(init?.body))
    return Promise.resolve(new Response(JSON.stringify(body), { status }))
  }
}

beforeEach(() => {
  sent = []
  setActivePinia(createPinia())
})
afterEach(() => {
  globalThis.fetch = realFetch
})

async function fillIn(login: string, password: string) {
  const page = mount(SignInPage)
  await page.get('input[name=login]').setValue(login)
  await page.get('input[name=password]').setValue(password)
  await page.get('form').trigger('submit')
  await flushPromises()
  return page
}

describe('SignInPage', () => {
  it('signs in', async () => {
    answer(200, { login: 'worker', rights: [], areas: [], csrf: 'x' })
    await fillIn(' worker ', 'secret')
    expect(sent).toEqual(['{"login":"worker","password":"secret"}'])
    expect(useSession().me?.login).toBe('worker')
  })

  it('says that account or password is wrong and forgets the password', async () => {
    answer(401, { title: 'Unauthorized' })
    const page = await fillIn('worker', 'guess')
    expect(page.get('[role=alert]').text()).toBe('账号或密码不正确')
    expect(page.get<HTMLInputElement>('input[name=password]').element.value).toBe('')
    expect(useSession().me).toBeNull()
  })

  it('asks for both before it asks the server', async () => {
    answer(200, {})
    const page = await fillIn('worker', '')
    expect(page.get('[role=alert]').text()).toBe('请输入账号和密码')
    expect(sent).toEqual([])
  })

  it('shows the password on request', async () => {
    const page = mount(SignInPage)
    const input = page.get('input[name=password]')
    expect(input.attributes('type')).toBe('password')
    await page.get('[aria-label="显示密码"]').trigger('click')
    expect(input.attributes('type')).toBe('text')
  })
})
