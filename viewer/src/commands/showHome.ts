import type { Home } from '../model/people'
import type { MapPort } from '../model/mapPort'
import { CLOSE_ZOOM } from '../model/zoom'
import { useLayers } from '../stores/layers'
import { useSelection } from '../stores/selection'
import { useWorkspace } from '../stores/workspace'
import { panelsSettled } from './settle'

/** A building, and if there is one a room in it, with a place to go to. */
export type HomePlace = Pick<Home, 'building_id' | 'lon' | 'lat'> & { readonly dwelling_id: number | null }

async function goTo(port: MapPort, { lon, lat }: HomePlace): Promise<void> {
  await panelsSettled()
  if (lon !== null && lat !== null) port.flyTo({ lon, lat, zoom: CLOSE_ZOOM })
}

/** Goes to the building of a home, lights it up and opens the house with that room in focus. */
export async function showHome(port: MapPort, home: HomePlace): Promise<void> {
  useLayers().setVisible(['buildings'], true)
  useSelection().selectHome(home.building_id, home.dwelling_id)
  useWorkspace().show('right', 'house')
  await goTo(port, home)
}

/** Opens a person beside the house that is selected. */
export function showPerson(id: number): void {
  useSelection().openPerson(id)
  useWorkspace().show('right', 'person')
}

/** Opens a person found by name or number: where the person lives now, if anywhere, is lit up. */
export async function showFoundPerson(
  port: MapPort,
  id: number,
  homes: readonly Home[],
): Promise<void> {
  await showPersonAt(port, id, homes.find((each) => each.current ?? !each.to) ?? homes[0] ?? null)
}

/** Opens a person; the home, if one is given, is gone to and lit up. */
export async function showPersonAt(port: MapPort, id: number, home: HomePlace | null): Promise<void> {
  const selection = useSelection()
  selection.clear()
  if (home) {
    useLayers().setVisible(['buildings'], true)
    selection.selectHome(home.building_id, home.dwelling_id)
  }
  showPerson(id)
  if (home) await goTo(port, home)
}

/** Lights up the buildings of all homes of a person; none puts the light out. */
export function lightHomes(port: MapPort, homes: readonly Home[]): void {
  const ids = [...new Set(homes.map((home) => home.building_id))]
  port.highlight(ids.length > 0 ? { layer: 'buildings', ids } : null)
}
