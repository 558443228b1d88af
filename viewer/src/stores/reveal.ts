import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { SealedValue } from '../api/persons'

/** A sealed value somebody asks to read, with what it is called and how it looks masked. */
export interface RevealRequest extends SealedValue {
  readonly label: string
  readonly masked: string
}

function keyOf({ layer, id, field }: SealedValue): string {
  return `${layer}/${id}/${field}`
}

/** Values shown in full after a reason was given; none of them outlives the panel it is shown in. */
export const useReveal = defineStore('reveal', () => {
  const request = shallowRef<RevealRequest | null>(null)
  const values = shallowRef<ReadonlyMap<string, string>>(new Map())
  /** The last reason given, offered again for the next value. */
  const lastReason = ref('')

  function ask(next: RevealRequest | null) {
    request.value = next
  }

  function valueOf(sealed: SealedValue): string | null {
    return values.value.get(keyOf(sealed)) ?? null
  }

  function keep(sealed: SealedValue, value: string) {
    values.value = new Map(values.value).set(keyOf(sealed), value)
  }

  function forget() {
    values.value = new Map()
    lastReason.value = ''
  }

  return { request, lastReason, ask, valueOf, keep, forget }
})
