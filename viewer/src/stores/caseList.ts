import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The work list the map shows in place of all incidents; null when no list is open. */
export const useCaseList = defineStore('caseList', () => {
  /** Where its tiles are, with the filters: `/api/incidents/lists/open/tiles/{z}/{x}/{y}?light=red`. */
  const tiles = ref<string | null>(null)
  return { tiles }
})
