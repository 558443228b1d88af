import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

/** The list of cases the map shows in place of all incidents: that of the panel in front, else that of the wall. */
export const useCaseList = defineStore('caseList', () => {
  /** Where the tiles of the open work list are: `/api/incidents/lists/open/tiles/{z}/{x}/{y}?light=red`. */
  const worklist = ref<string | null>(null)
  /** Where those are that the linked wall is filtered to. */
  const wall = ref<string | null>(null)
  /** Null when the map shows all incidents. */
  const tiles = computed(() => worklist.value ?? wall.value)
  return { worklist, wall, tiles }
})
