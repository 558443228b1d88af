import { expect, it } from 'vitest'
import { BUILDINGS, INCIDENTS, PERSONS, ROADS, testLayer } from '../../map/testLayers'
import { layerGroups, shownPart } from './groups'

it('lists what is on top first, leaves out what cannot be drawn, and keeps a new group', () => {
  const drill = testLayer('key_sites', { group: 'emergency' })
  const groups = layerGroups([ROADS, BUILDINGS, PERSONS, INCIDENTS, drill])
  expect(groups.map((group) => group.id)).toEqual(['incidents', 'housing', 'basemap', 'other'])
})

it('tells how much of a group is shown', () => {
  const [group] = layerGroups([BUILDINGS, testLayer('compounds', { group: 'housing' })])
  if (!group) throw new Error('no group')
  expect(shownPart(group, new Set())).toBe('none')
  expect(shownPart(group, new Set(['buildings']))).toBe('some')
  expect(shownPart(group, new Set(['buildings', 'compounds']))).toBe('all')
})
