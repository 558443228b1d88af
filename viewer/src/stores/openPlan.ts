import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Which plan of grids is open; the URL keeps it. */
export const useOpenPlan = defineStore('openPlan', () => {
  const id = ref<number | null>(null)

  function open(plan: number | null) {
    id.value = plan
  }

  return { id, open }
})
