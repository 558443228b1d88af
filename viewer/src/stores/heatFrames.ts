import { ref, watch } from 'vue'

/** Milliseconds a frame stands at speed 1. */
const FRAME_MS = 900
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4]

/** Which of a number of frames is on, by hand or playing; beyond the last comes the first. */
export function useHeatFrames(count: () => number) {
  const frame = ref(0)
  const isPlaying = ref(false)
  const speed = ref(1)

  function goTo(number: number) {
    const frames = count()
    if (frames > 0) frame.value = ((number % frames) + frames) % frames
  }

  /** After an answer with other frames. */
  function settle() {
    frame.value = Math.max(0, Math.min(frame.value, count() - 1))
    if (count() < 2) isPlaying.value = false
  }

  let player: ReturnType<typeof setInterval> | undefined
  watch([isPlaying, speed], ([isOn, rate]) => {
    clearInterval(player)
    if (isOn) player = setInterval(() => goTo(frame.value + 1), FRAME_MS / rate)
  })

  return { frame, isPlaying, speed, goTo, settle }
}
