import { LAYERS } from '../../generated/layers'
import { spanOf } from '../heat/period'
import { FIRST_QUESTION, STEPS } from '../heat/question'
import type { HeatQuestion } from '../heat/question'
import type { UrlParameter } from './parameter'

const BETWEEN = '~'
const RADIUS = { least: 50, most: 5_000 }

type Parts = Readonly<Record<string, string>>

/** Only what differs from the first question is written. */
const WRITTEN: Readonly<Record<string, (question: HeatQuestion) => string>> = {
  layer: ({ layer }) => layer,
  radius: ({ radius }) => String(radius),
  weight: ({ weight }) => weight ?? '',
  field: ({ field, codes }) => (field && codes.length > 0 ? [field, ...codes].join('.') : ''),
  period: ({ period }) => period,
  step: ({ step }) => step ?? '',
  area: ({ area }) => area,
  look: ({ look }) => look,
}

function questionOf(parts: Parts): HeatQuestion | null {
  const layer = LAYERS.find(({ name }) => name === (parts.layer ?? FIRST_QUESTION.layer))
  if (!layer?.weights) return null
  const [field = '', ...codes] = (parts.field ?? '').split('.')
  const isField = layer.fields.some((each) => each.name === field && each.codes)
  return {
    layer: layer.name,
    radius: Number(parts.radius ?? FIRST_QUESTION.radius),
    weight: layer.weights.find((each) => each === parts.weight) ?? null,
    field: isField ? field : null,
    codes: isField ? codes : [],
    period: parts.period ?? FIRST_QUESTION.period,
    step: STEPS.find((each) => each === parts.step) ?? null,
    area: parts.area ?? '',
    look: parts.look === 'columns' ? 'columns' : 'surface',
  }
}

/** `heat=radius:200~period:m2026-10~step:day`: the heat map shown; `heat=on` the one shown first. */
export const heatParameter: UrlParameter<HeatQuestion | null> = {
  name: 'heat',
  fallback: null,
  read(text) {
    if (text === 'on') return FIRST_QUESTION
    const parts = text.split(BETWEEN).map((part): [string, string] => {
      const colon = part.indexOf(':')
      return [part.slice(0, colon), part.slice(colon + 1)]
    })
    return parts.some(([name]) => !(name in WRITTEN)) ? null : questionOf(Object.fromEntries(parts))
  },
  write(question) {
    if (!question) return null
    const parts = Object.entries(WRITTEN)
      .filter(([, of]) => of(question) !== of(FIRST_QUESTION))
      .map(([name, of]) => `${name}:${of(question)}`)
    return parts.length > 0 ? parts.join(BETWEEN) : 'on'
  },
  check(question) {
    if (!question) return true
    const isRadius = question.radius >= RADIUS.least && question.radius <= RADIUS.most
    return isRadius && spanOf(question.period, new Date()) !== null && /^\d{0,20}$/.test(question.area)
  },
}
