import { onBeforeUnmount, ref } from 'vue'

const CHECK_MS = 30_000

const dayOf = (now: Date) => `${now.getFullYear()}-${now.getMonth()}-${now.getDate()}`

/** Changes when a new day begins: a wall stands for weeks. */
export function useToday() {
  const today = ref(dayOf(new Date()))
  const timer = setInterval(() => {
    today.value = dayOf(new Date())
  }, CHECK_MS)
  onBeforeUnmount(() => clearInterval(timer))
  return today
}
