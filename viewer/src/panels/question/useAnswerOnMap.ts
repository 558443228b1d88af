import { askShapes } from '../../api/questions'
import type { Answer } from '../../api/questions'
import type { Feature } from '../../api/features'
import { clearQuestion, goToOutline, showOutline, showRows } from '../../commands/askQuestion'
import type { Question } from '../../model/question'
import { useMapView } from '../../stores/mapView'
import { useSelection } from '../../stores/selection'

type Row = Feature | { id?: unknown; properties?: unknown }

/** Selects the building or home of a row, or the row itself where it has none. */
function openRow(selection: ReturnType<typeof useSelection>, layer: Question['layer'], feature: Row) {
  const properties = (feature.properties ?? {}) as Record<string, unknown>
  const building = properties.building_id
  if (typeof building !== 'number') {
    selection.select({ layer, id: Number(feature.id) })
    return
  }
  selection.selectHome(building, layer === 'dwellings' ? Number(feature.id) : null)
  if (layer === 'persons') selection.openPerson(Number(feature.id))
}

/** An answer on the map: its outline, its rows as shapes, and what a row that was chosen selects. */
export function useAnswerOnMap() {
  const mapView = useMapView()
  const selection = useSelection()

  const select = (layer: Question['layer'], feature: Row) => openRow(selection, layer, feature)

  /** Goes to the answer and draws it; gives back whether all its rows could be drawn. */
  async function draw(question: Question, answer: Answer, signal: AbortSignal): Promise<boolean> {
    if (answer.outline) goToOutline(mapView.port, answer.outline)
    showOutline(mapView.port, answer.outline ?? null)
    const shapes = await askShapes(question, signal)
    showRows(mapView.port, shapes, (shape) => select(question.layer, shape))
    return shapes.complete
  }

  return { select, draw, clear: () => clearQuestion(mapView.port) }
}
