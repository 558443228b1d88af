import { defineStore } from 'pinia'
import { ref } from 'vue'

/** The rentals due for inspection that the map shows: those of the list in the panel. */
export const useDueList = defineStore('dueList', () => {
  /** Where their tiles are; null when the map shows none. */
  const tiles = ref<string | null>(null)
  return { tiles }
})
