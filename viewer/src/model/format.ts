import type { FieldDeclaration } from '../generated/layers'

/** What formatting needs to know of the reader's language and of the code tables. */
export interface Speech {
  readonly language: 'zh' | 'en'
  readonly yes: string
  readonly no: string
  codeText(table: string, code: string): string
}

/** Numbers below this are shown without separators, so that years and room counts stay plain. */
const GROUPED_FROM = 10_000

function localeOf(speech: Pick<Speech, 'language'>): string {
  return speech.language === 'zh' ? 'zh-CN' : 'en-GB'
}

/** A number with at most six decimals. */
export function formatFigure(value: number, speech: Pick<Speech, 'language'>): string {
  return value.toLocaleString(localeOf(speech), {
    maximumFractionDigits: 6,
    useGrouping: Math.abs(value) >= GROUPED_FROM,
  })
}

/** Date and time to the minute in the reader's time zone; the text itself if it is no time. */
export function formatMoment(text: string, speech: Pick<Speech, 'language'>): string {
  const moment = new Date(text)
  if (Number.isNaN(moment.getTime())) return text
  return moment.toLocaleString(localeOf(speech), {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false,
  })
}

/** A value as people read it: code texts, units, yes and no; empty text for no value. */
export function formatValue(
  field: Pick<FieldDeclaration, 'type' | 'codes' | 'unit'>,
  value: unknown,
  speech: Speech,
): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'boolean') return value ? speech.yes : speech.no
  if (field.codes) return speech.codeText(field.codes, String(value))
  if (typeof value === 'number') {
    const figure = formatFigure(value, speech)
    return field.unit ? `${figure} ${field.unit}` : figure
  }
  if (field.type === 'datetime') return formatMoment(String(value), speech)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
