import { onBeforeUnmount, onMounted, ref } from 'vue'

/** Whether the page covers the whole screen, and how to change it. */
export function useFullScreen() {
  const isFull = ref(false)

  function update() {
    isFull.value = document.fullscreenElement !== null
  }

  async function toggle() {
    if (document.fullscreenElement) await document.exitFullscreen()
    else await document.documentElement.requestFullscreen()
  }

  onMounted(() => document.addEventListener('fullscreenchange', update))
  onBeforeUnmount(() => document.removeEventListener('fullscreenchange', update))

  return { isFull, toggle }
}
