import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, nextTick } from 'vue'
import { useLayers } from '../stores/layers'
import { useMapView } from '../stores/mapView'
import { useSelection } from '../stores/selection'
import { useUrlState } from './useUrlState'

const Page = defineComponent({
  setup() {
    useUrlState()
    return () => null
  },
})

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.useRealTimers()
  history.replaceState(null, '', '/')
})

async function settle() {
  await nextTick()
  vi.advanceTimersByTime(300)
}

it('restores the state from the URL before anything is drawn', () => {
  history.replaceState(null, '', '/?view=121.4,31.2,15&mode=3d&layers=roads&selected=buildings.3&dwelling=8')
  mount(Page)
  expect(useMapView().view).toEqual({ lon: 121.4, lat: 31.2, zoom: 15, bearing: 0, pitch: 0 })
  expect(useMapView().mode).toBe('3d')
  expect([...useLayers().visible]).toEqual(['roads'])
  expect(useSelection().state).toEqual({ selected: { layer: 'buildings', id: 3 }, dwelling: 8, person: null })
})

it('keeps the URL in step, and makes a step of history of a new selection only', async () => {
  history.replaceState(null, '', '/')
  mount(Page)
  const before = history.length
  useMapView().view = { lon: 1, lat: 2, zoom: 3, bearing: 0, pitch: 0 }
  await settle()
  expect(location.search).toBe('?view=1,2,3')
  expect(history.length).toBe(before)
  useSelection().select({ layer: 'buildings', id: 3 })
  await settle()
  expect(location.search).toBe('?view=1,2,3&selected=buildings.3')
  expect(history.length).toBe(before + 1)
})
