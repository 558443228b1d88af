import { computed, ref, shallowRef } from 'vue'
import type { Ref } from 'vue'
import { ApiError } from '../../api/client'
import { saveMatrix } from '../../api/matrix'
import { t } from '../../locales'
import { errorText } from '../../locales/errors'
import type { House } from '../../model/house'
import { applySteps, faultsByRoom, mergeFault, numbersByPattern, pieceNumbers, roomsBetween } from '../../model/matrixEdit'
import type { MatrixStep, NewRoom, RoomValues } from '../../model/matrixEdit'

/** The rooms become the lowest of them with the first number. */
function mergeStep(house: House, ids: readonly number[]): MatrixStep | null {
  const rooms = house.rooms.filter(({ id }) => ids.includes(id))
  const [first] = [...rooms].sort((a, b) => a.floor - b.floor || a.room.localeCompare(b.room, 'zh-CN', { numeric: true }))
  return first ? { do: 'merge', rooms: rooms.map(({ id }) => id), into: first.id, number: first.room } : null
}

function problemText(error: unknown, count: number): string {
  if (error instanceof ApiError && error.status === 409) return t('house.edit.stale')
  return count > 0 ? t('house.edit.faults', { count }) : errorText(error)
}

/** Merging what is chosen, or a room with the one it is dropped on. */
function useMerging(edited: Ref<House | null>, chosen: Ref<readonly number[]>, problem: Ref<string>, add: (step: MatrixStep) => void) {
  const faultOf = (ids: readonly number[]) => (edited.value ? mergeFault(edited.value, ids) : 'few')
  /** The rooms that become one when a room is dropped on another: all that are chosen come along. */
  function together(from: number, onto: number): readonly number[] {
    return chosen.value.includes(from) ? [...new Set([...chosen.value, onto])] : [from, onto]
  }
  function merge(ids = chosen.value) {
    const step = edited.value && mergeStep(edited.value, ids)
    if (step) add(step)
  }
  function drop(from: number, onto: number) {
    const ids = together(from, onto)
    const fault = faultOf(ids)
    if (fault === null) merge(ids)
    else problem.value = t(`house.edit.apart.${fault}`)
  }
  return {
    mayMerge: computed(() => faultOf(chosen.value) === null),
    mayDrop: (from: number, onto: number) => faultOf(together(from, onto)) === null,
    merge,
    drop,
  }
}

/** Changes of a matrix, collected as steps and saved together. */
export function useMatrixEdit(house: Ref<House | null>, onSaved: () => void) {
  const isEditing = ref(false)
  const steps = shallowRef<readonly MatrixStep[]>([])
  const chosen = shallowRef<readonly number[]>([])
  const faults = shallowRef<ReadonlyMap<number | null, string>>(new Map())
  const isSaving = ref(false)
  const problem = ref('')
  /** The house the changes are based on: what others save meanwhile must not slip in unseen. */
  const base = shallowRef<House | null>(null)
  let following = -1
  let key = ''

  const edited = computed(() => (isEditing.value && base.value ? applySteps(base.value, steps.value) : house.value))

  function start() {
    base.value = house.value
    isEditing.value = true
    clear()
  }
  function clear() {
    steps.value = []
    chosen.value = []
    faults.value = new Map()
    problem.value = ''
  }
  function stop() {
    isEditing.value = false
    clear()
  }
  function take(next: readonly MatrixStep[]) {
    clear()
    steps.value = next
    key = crypto.randomUUID()
  }
  const add = (step: MatrixStep) => take([...steps.value, step])
  const { mayMerge, mayDrop, merge, drop } = useMerging(edited, chosen, problem, add)
  const undo = () => take(steps.value.slice(0, -1))
  function choose(room: number) {
    problem.value = ''
    chosen.value = chosen.value.includes(room) ? chosen.value.filter((each) => each !== room) : [...chosen.value, room]
  }
  function chooseUpTo(from: number, to: number) {
    if (edited.value) chosen.value = roomsBetween(edited.value, from, to)
  }
  function split(count: number) {
    const room = edited.value?.rooms.find(({ id }) => id === chosen.value[0])
    if (!room) return
    const [number = room.room, ...others] = pieceNumbers(room.room, count)
    add({ do: 'split', room: room.id, number, pieces: others.map((each) => ({ id: following--, number: each })) })
  }
  function renumber(pattern: string) {
    if (edited.value) add({ do: 'renumber', rooms: numbersByPattern(edited.value, chosen.value, pattern) })
  }
  const setValues = (values: RoomValues) => add({ do: 'set', rooms: chosen.value, values })
  const retire = () => add({ do: 'retire', rooms: chosen.value })
  function addRooms(rooms: readonly Omit<NewRoom, 'id'>[]) {
    add({ do: 'add', rooms: rooms.map((room) => ({ ...room, id: following-- })) })
  }

  async function save() {
    if (!base.value || isSaving.value) return
    isSaving.value = true
    problem.value = ''
    try {
      await saveMatrix(base.value.building.id, base.value.building.row_version, steps.value, key)
      stop()
      onSaved()
    } catch (error) {
      faults.value = error instanceof ApiError ? faultsByRoom(error.faults) : new Map()
      problem.value = problemText(error, faults.value.size)
    } finally {
      isSaving.value = false
    }
  }

  return { isEditing, steps, chosen, faults, isSaving, problem, edited, mayMerge, start, stop, undo, choose, chooseUpTo, merge, split, renumber, setValues, mayDrop, drop, retire, addRooms, save }
}

export type MatrixEdit = ReturnType<typeof useMatrixEdit>
