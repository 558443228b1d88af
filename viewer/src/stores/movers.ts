import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { afterMoves } from '../model/patrol/movers'
import type { Mover } from '../model/patrol/movers'
import { useLive } from './live'

/** Everybody on duty and every vehicle, where they are now; followed as long as somebody looks. */
export const useMovers = defineStore('movers', () => {
  const live = useLive()
  const movers = shallowRef<ReadonlyMap<string, Mover>>(new Map())
  const chosenKey = ref<string | null>(null)
  const isFollowed = ref(false)
  const chosen = computed(() => (chosenKey.value === null ? null : (movers.value.get(chosenKey.value) ?? null)))
  let stop: (() => void) | null = null

  function watchAll() {
    stop ??= live.onMoves((moves) => {
      movers.value = afterMoves(movers.value, moves)
    })
  }

  function forgetAll() {
    stop?.()
    stop = null
    movers.value = new Map()
    choose(null)
  }

  function choose(key: string | null) {
    chosenKey.value = key
    isFollowed.value = false
  }

  return { movers, chosen, chosenKey, isFollowed, watchAll, forgetAll, choose }
})
