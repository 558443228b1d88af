import { computed, watch } from 'vue'
import type { PanelDeclaration, PanelZone } from '../model/panel'
import { PANELS } from '../panels/registry'
import { useAppearance } from '../stores/appearance'
import { useSelection } from '../stores/selection'
import { useSession } from '../stores/session'
import { useWorkspace } from '../stores/workspace'

/** Which panels stand in which zone now, by the rights of the reader and what is selected. */
export function usePanels() {
  const appearance = useAppearance()
  const selection = useSelection()
  const session = useSession()
  const workspace = useWorkspace()

  const permitted = computed(() => PANELS.filter((panel) => session.may(panel.right)))

  function openIn(zone: PanelZone): PanelDeclaration | null {
    const id = workspace.open[zone]
    return permitted.value.find((panel) => panel.zone === zone && panel.id === id) ?? null
  }

  const search = computed(() => permitted.value.find((panel) => panel.zone === 'search') ?? null)
  const left = computed(() => openIn('left'))
  const bottom = computed(() => openIn('bottom'))
  const dialog = computed(() => openIn('dialog'))

  const rightTabs = computed(() =>
    permitted.value.filter(
      (panel) =>
        panel.zone === 'right' &&
        (panel.follows ? panel.follows(selection.state) : workspace.open.right === panel.id),
    ),
  )
  const right = computed(
    () => rightTabs.value.find((panel) => panel.id === workspace.open.right) ?? rightTabs.value.at(-1) ?? null,
  )

  watch(
    () => rightTabs.value.map((panel) => panel.id),
    (now, before) => {
      const fresh = now.filter((id) => !before.includes(id))
      const newest = fresh.at(-1)
      // One that came together with its tab, from a link, stays in front.
      if (newest && !fresh.some((id) => id === workspace.open.right)) workspace.show('right', newest)
      if (newest && appearance.isPhone) workspace.hide('left')
      if (now.length > 0) return
      workspace.isSheetTall = false
      workspace.hide('right')
    },
  )

  function closeRight() {
    workspace.hide('right')
    selection.clear()
  }

  return { search, left, bottom, dialog, right, rightTabs, closeRight }
}
