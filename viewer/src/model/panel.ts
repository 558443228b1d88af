import type { Component } from 'vue'
import type { Right } from '../generated/layers'
import type { IconName } from '../ui/icons'
import type { SelectionState } from './selection'

/** left: drawer opened from the rail; right: beside the map, follows the selection; search: the box at the top left. */
export type PanelZone = 'left' | 'right' | 'bottom' | 'dialog' | 'search'

/** One panel: a folder under src/panels and one entry in the registry. */
export interface PanelDeclaration {
  readonly id: string
  readonly titleKey: string
  readonly icon: IconName
  readonly zone: PanelZone
  /** Who may open it: holders of the right, or of one of several; left out: everyone signed in. */
  readonly right?: Right | readonly Right[]
  /** The panel is there as long as this holds; for the right zone. */
  readonly follows?: (selection: SelectionState) => boolean
  /** Gives a button on the rail to a panel that is not in the left zone. */
  readonly launcher?: boolean
  /** Its place in the bar of a phone, where only the first few are seen without a swipe; left out: behind those. */
  readonly phonePlace?: number
  readonly component: () => Promise<{ default: Component }>
}
