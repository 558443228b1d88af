import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { testLayer } from '../../map/testLayers'
import { useCatalogue } from '../../stores/catalogue'
import { useLayers } from '../../stores/layers'
import { useMapView } from '../../stores/mapView'
import LayerRow from './LayerRow.vue'

const LAYER = testLayer('roads', {
  title: { zh: '道路', en: 'Roads' },
  min_zoom: 12,
  legend: [
    { label: { zh: '主干路', en: 'Major' }, color: '#fa0', dark: '#850', shape: 'line' },
    { label: { zh: '其他', en: 'Other' }, color: '#fff', dark: '#333', shape: 'line' },
  ],
})

beforeEach(() => setActivePinia(createPinia()))

describe('LayerRow', () => {
  it('shows the count of what the reader may see', () => {
    useCatalogue().summary = { extent: null, counts: { roads: 12345 }, area: null }
    expect(mount(LayerRow, { props: { layer: LAYER } }).get('.count').text()).toBe('12,345')
  })

  it('turns the layer on and off', async () => {
    const layers = useLayers()
    layers.restore([])
    const row = mount(LayerRow, { props: { layer: LAYER } })
    await row.get('[role=switch]').trigger('click')
    expect(layers.isVisible('roads')).toBe(true)
    expect(row.get('[role=switch]').attributes('aria-label')).toBe('隐藏道路')
  })

  it('opens the legend', async () => {
    const row = mount(LayerRow, { props: { layer: LAYER } })
    expect(row.find('.legend').exists()).toBe(false)
    await row.get('button.name').trigger('click')
    expect(row.findAll('.legend li').map((entry) => entry.text())).toEqual(['主干路', '其他'])
  })

  it('says when the map is too far out to show it', () => {
    useLayers().restore(['roads'])
    useMapView().view = { lon: 0, lat: 0, zoom: 10, bearing: 0, pitch: 0 }
    expect(mount(LayerRow, { props: { layer: LAYER } }).text()).toContain('放大后可见')
  })
})
