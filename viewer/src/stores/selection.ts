import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { isSameFeature } from '../model/geography'
import type { FeatureReference } from '../model/geography'
import type { SelectionState } from '../model/selection'

/** What the user is looking at. The map lights it up, the panels show it, the URL keeps it. */
export const useSelection = defineStore('selection', () => {
  const selected = shallowRef<FeatureReference | null>(null)
  const dwelling = ref<number | null>(null)
  const person = ref<number | null>(null)

  const state = computed<SelectionState>(() => ({
    selected: selected.value,
    dwelling: dwelling.value,
    person: person.value,
  }))

  /** Selects a feature; the room and the person of another feature are let go. */
  function select(reference: FeatureReference) {
    if (isSameFeature(selected.value, reference)) return
    selected.value = { layer: reference.layer, id: reference.id }
    dwelling.value = null
    person.value = null
  }

  /** Selects a building together with a room in it, keeping the person. */
  function selectHome(building: number, room: number | null) {
    const reference: FeatureReference = { layer: 'buildings', id: building }
    if (!isSameFeature(selected.value, reference)) selected.value = reference
    dwelling.value = room
  }

  function openDwelling(id: number | null) {
    dwelling.value = id
  }

  function openPerson(id: number | null) {
    person.value = id
  }

  function restore(next: SelectionState) {
    selected.value = next.selected
    dwelling.value = next.dwelling
    person.value = next.person
  }

  function clear() {
    restore({ selected: null, dwelling: null, person: null })
  }

  return { selected, dwelling, person, state, select, selectHome, openDwelling, openPerson, restore, clear }
})
