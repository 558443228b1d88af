import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useWorkspace } from './workspace'

/** Which proposal is open in the review panel. */
export const useReview = defineStore('review', () => {
  const workspace = useWorkspace()
  const id = ref<number | null>(null)

  /** Opens a proposal, and the panel with it; null goes back to the list. */
  function open(next: number | null) {
    id.value = next
    if (next !== null) workspace.show('left', 'review')
  }

  return { id, open }
})
