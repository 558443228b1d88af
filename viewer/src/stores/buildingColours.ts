import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { getColours, getValues } from '../api/buildingColours'
import { COLOURINGS } from '../model/buildingColours'
import type { BuildingColours, Colouring } from '../model/buildingColours'
import type { TileAddress } from '../model/tileAddress'
import { useSession } from './session'

/** What buildings are coloured by, and how many there are of each colour. */
export const useBuildingColours = defineStore('buildingColours', () => {
  const session = useSession()
  const chosen = ref<Colouring>('usage')
  const colours = shallowRef<BuildingColours | null>(null)
  const failure = shallowRef<unknown>(null)
  /** The one class that stands out, by its place; null for all alike. */
  const emphasis = ref<number | null>(null)

  const offered = computed(() => COLOURINGS.filter(({ right }) => session.has(right)).map(({ by }) => by))
  /** The colouring chosen as far as the reader's rights go. */
  const by = computed<Colouring>(() => (offered.value.includes(chosen.value) ? chosen.value : 'usage'))

  function choose(next: Colouring) {
    chosen.value = next
    emphasis.value = null
  }

  /** Counts the classes of what is chosen anew. */
  async function load() {
    const asked = by.value
    failure.value = null
    try {
      const found = await getColours(asked)
      if (by.value === asked) colours.value = found
    } catch (error) {
      if (by.value === asked) failure.value = error
    }
  }

  /** Value by building in a tile. Throws ApiError. */
  async function valuesIn(tile: TileAddress): Promise<ReadonlyMap<number, number>> {
    const { ids, values } = await getValues(by.value, tile)
    return new Map(ids.map((id, index) => [id, values[index] ?? 0]))
  }

  return { chosen, by, offered, colours, failure, emphasis, choose, load, valuesIn }
})
