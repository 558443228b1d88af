import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The homes in care that the map shows: those of the list in the panel. */
export const useCareList = defineStore('careList', () => {
  /** Where their tiles are; null when the map shows none. */
  const tiles = ref<string | null>(null)
  return { tiles }
})
