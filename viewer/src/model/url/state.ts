import type { LayerName } from '../../generated/layers'
import type { Colouring } from '../buildingColours'
import type { CameraView, MapMode } from '../geography'
import type { Question } from '../question'
import type { HeatQuestion } from '../heat/question'
import type { SelectionState } from '../selection'
import { colourParameter } from './colour'
import { dwellingParameter } from './dwelling'
import { heatParameter } from './heat'
import { floorParameter, spreadParameter } from './floor'
import { layersParameter } from './layers'
import { modeParameter } from './mode'
import { readParameter, writeParameter } from './parameter'
import { personParameter } from './person'
import { questionParameter } from './question'
import { planParameter } from './plan'
import { replayParameter } from './replay'
import type { ReplayQuestion } from './replay'
import { selectedParameter } from './selected'
import { tabParameter } from './tab'
import { viewParameter } from './view'

/** Everything the URL restores. */
export interface UrlState extends SelectionState {
  readonly view: CameraView | null
  readonly mode: MapMode
  readonly layers: readonly LayerName[]
  readonly question: Question | null
  readonly heat: HeatQuestion | null
  readonly colour: Colouring
  readonly floor: number | null
  readonly isSpread: boolean
  readonly plan: number | null
  readonly replay: ReplayQuestion | null
  readonly tab: string | null
}

/** The state in the query string; parameters of others are left alone. */
export function readUrlState(search: string): UrlState {
  const query = new URLSearchParams(search)
  return {
    view: readParameter(query, viewParameter),
    mode: readParameter(query, modeParameter),
    layers: readParameter(query, layersParameter),
    heat: readParameter(query, heatParameter),
    selected: readParameter(query, selectedParameter),
    dwelling: readParameter(query, dwellingParameter),
    person: readParameter(query, personParameter),
    question: readParameter(query, questionParameter),
    colour: readParameter(query, colourParameter),
    floor: readParameter(query, floorParameter),
    isSpread: readParameter(query, spreadParameter),
    plan: readParameter(query, planParameter),
    replay: readParameter(query, replayParameter),
    tab: readParameter(query, tabParameter),
  }
}

/** The query string with the state in it, commas kept readable; empty when there is nothing to write. */
export function writeUrlState(search: string, state: UrlState): string {
  const query = new URLSearchParams(search)
  writeParameter(query, viewParameter, state.view)
  writeParameter(query, modeParameter, state.mode)
  writeParameter(query, layersParameter, state.layers)
  writeParameter(query, heatParameter, state.heat)
  writeParameter(query, selectedParameter, state.selected)
  writeParameter(query, dwellingParameter, state.dwelling)
  writeParameter(query, personParameter, state.person)
  writeParameter(query, questionParameter, state.question)
  writeParameter(query, colourParameter, state.colour)
  writeParameter(query, floorParameter, state.floor)
  writeParameter(query, spreadParameter, state.isSpread)
  writeParameter(query, planParameter, state.plan)
  writeParameter(query, replayParameter, state.replay)
  writeParameter(query, tabParameter, state.tab)
  const text = query.toString().replaceAll('%2C', ',')
  return text ? `?${text}` : ''
}
