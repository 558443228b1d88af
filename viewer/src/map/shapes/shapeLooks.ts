import { STEP_COLOURS } from '../../model/population'
import { CHANGE_COLOURS, RESULT_COLOURS } from '../../model/shape'
import type { ChangeLook, ShapeLook, StepLook } from '../../model/shape'
import type { Theme } from '../../stores/appearance'

/** What a look paints with; widths in pixels. */
export interface LookPaint {
  readonly colour: string
  readonly fillOpacity: number
  readonly lineWidth: number
  /** Lengths of dash and gap in line widths; left out: an unbroken line. */
  readonly dash?: readonly number[]
}

type Looks = Readonly<Record<ShapeLook, LookPaint>>

function stepLooks(theme: Theme): Readonly<Record<StepLook | ChangeLook, LookPaint>> {
  const { steps, hidden } = STEP_COLOURS[theme]
  const { fall2, fall1, same, rise1, rise2 } = CHANGE_COLOURS[theme]
  const look = (colour: string): LookPaint => ({ colour, fillOpacity: 0.62, lineWidth: 1.2 })
  const [step1, step2, step3, step4, step5] = steps
  return {
    step1: look(step1),
    step2: look(step2),
    step3: look(step3),
    step4: look(step4),
    step5: look(step5),
    fall2: look(fall2),
    fall1: look(fall1),
    same: look(same),
    rise1: look(rise1),
    rise2: look(rise2),
    hidden: { ...look(hidden), fillOpacity: 0.3, dash: [2, 2] },
  }
}

const LIGHT: Looks = {
  ...stepLooks('light'),
  result: { colour: RESULT_COLOURS.light, fillOpacity: 0.16, lineWidth: 2.2 },
  beside: { colour: RESULT_COLOURS.light, fillOpacity: 0.3, lineWidth: 0.8 },
  draft: { colour: '#7048c6', fillOpacity: 0.14, lineWidth: 2.4, dash: [2.5, 1.5] },
  fault: { colour: '#d92d20', fillOpacity: 0.28, lineWidth: 2.6 },
  zone: { colour: '#d9480f', fillOpacity: 0.2, lineWidth: 2 },
  track: { colour: '#1864ab', fillOpacity: 0.1, lineWidth: 3.2 },
  source: { colour: '#495057', fillOpacity: 0.08, lineWidth: 2, dash: [1.5, 1.5] },
}

const DARK: Looks = {
  ...stepLooks('dark'),
  result: { ...LIGHT.result, colour: RESULT_COLOURS.dark },
  beside: { ...LIGHT.beside, colour: RESULT_COLOURS.dark },
  draft: { ...LIGHT.draft, colour: '#b79cf5' },
  fault: { ...LIGHT.fault, colour: '#ff7b72' },
  zone: { ...LIGHT.zone, colour: '#ff9d5c' },
  track: { ...LIGHT.track, colour: '#74b8ff' },
  source: { ...LIGHT.source, colour: '#c1c8d1' },
}

/** The paint of every look by day and by night. */
export const SHAPE_LOOKS: Readonly<Record<Theme, Looks>> = { light: LIGHT, dark: DARK }
