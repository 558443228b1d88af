import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { PanelZone } from '../model/panel'
import { useAppearance } from './appearance'

type OpenPanels = Readonly<Partial<Record<PanelZone, string>>>

const SHEETS: readonly PanelZone[] = ['left', 'bottom']

/** Which panel is open in each zone: one at a time. */
export const useWorkspace = defineStore('workspace', () => {
  const appearance = useAppearance()
  const open = shallowRef<OpenPanels>({})
  /** On a phone: whether the bottom sheet covers most of the screen. */
  const isSheetTall = ref(false)

  function show(zone: PanelZone, id: string) {
    // On a phone both are the same sheet: the one below could not be reached.
    const covered = appearance.isPhone ? SHEETS.filter((other) => SHEETS.includes(zone) && other !== zone) : []
    const closed = Object.fromEntries(covered.map((other) => [other, undefined]))
    open.value = { ...open.value, ...closed, [zone]: id }
  }

  function hide(zone: PanelZone) {
    open.value = { ...open.value, [zone]: undefined }
  }

  function toggle(zone: PanelZone, id: string) {
    if (open.value[zone] === id) hide(zone)
    else show(zone, id)
  }

  return { open, isSheetTall, show, hide, toggle }
})
