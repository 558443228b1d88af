import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { getBoxes, getHouse } from '../api/house'
import type { Boxes } from '../model/boxes'
import type { House } from '../model/house'
import type { CaredRooms, HouseLook } from '../model/houseLook'
import { useSelection } from './selection'
import { useSession } from './session'

/** The selected building opened on the map: its floors, its rooms, and how they are looked at. */
export const useOpenHouse = defineStore('openHouse', () => {
  const selection = useSelection()
  const session = useSession()
  const looked = shallowRef<{ readonly building: number | null; readonly floor: number | null } | null>(null)
  const isSpread = ref(false)
  /** What rooms are coloured by, in the matrix and on the map alike. */
  const colouredBy = ref<HouseLook>('tenure')
  /** Rooms with somebody in care, while they are coloured by it. */
  const cared = shallowRef<CaredRooms>(new Map())
  const pickedClass = shallowRef<{ readonly building: number | null; readonly key: string | null } | null>(null)
  const boxes = shallowRef<Boxes | null>(null)
  const house = shallowRef<House | null>(null)

  /** The building to open: the one selected, if its rooms may be seen. */
  const building = computed(() =>
    selection.selected?.layer === 'buildings' && session.has('housing:read') ? selection.selected.id : null,
  )
  /** The floor looked at in this building; null for all. */
  const floor = computed(() => (looked.value?.building === building.value ? looked.value.floor : null))
  /** Whether what was loaded is of the building selected now. */
  const isOpen = computed(() => building.value !== null && boxes.value?.building_id === building.value)
  /** The room pointed at in the selected building. */
  const room = computed(() => house.value?.rooms.find(({ id }) => id === selection.dwelling) ?? null)

  /** The class of rooms picked out in this building; null for all. */
  const pickedOut = computed({
    get: () => (pickedClass.value?.building === building.value ? pickedClass.value.key : null),
    set: (key) => (pickedClass.value = { building: building.value, key }),
  })

  function look(next: number | null) {
    looked.value = { building: building.value, floor: next }
  }

  /**
   * Loads the building selected now. What cannot be read stays closed without a word: the panel of the house, which asks
   * for the same, tells why.
   */
  async function load() {
    const asked = building.value
    if (asked === null) {
      close()
      return
    }
    try {
      const [nextBoxes, nextHouse] = await Promise.all([getBoxes(asked), getHouse(asked, null)])
      if (building.value !== asked) return
      house.value = nextHouse
      boxes.value = nextBoxes
    } catch {
      if (building.value === asked) close()
    }
  }

  function close() {
    boxes.value = null
    house.value = null
    cared.value = new Map()
  }

  return { floor, isSpread, colouredBy, pickedOut, cared, boxes, house, building, isOpen, room, look, load, close }
})
