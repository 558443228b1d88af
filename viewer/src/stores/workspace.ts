import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { PanelZone } from '../model/panel'

type OpenPanels = Readonly<Partial<Record<PanelZone, string>>>

/** Which panel is open in each zone: one at a time. */
export const useWorkspace = defineStore('workspace', () => {
  const open = shallowRef<OpenPanels>({})
  /** On a phone: whether the bottom sheet covers most of the screen. */
  const isSheetTall = ref(false)

  function show(zone: PanelZone, id: string) {
    open.value = { ...open.value, [zone]: id }
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
