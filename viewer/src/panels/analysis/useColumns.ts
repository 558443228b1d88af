import { LAYERS } from '../../generated/layers'
import type { FieldDeclaration } from '../../generated/layers'
import { useLocale } from '../../locales'
import { useSpeech } from '../shared/useSpeech'

const SHARES = ['share', 'change']
const DECIMALS = 2
/** From here on the parts of a whole tell nothing. */
const LARGE = 100

/** The first field of that name of any layer: results carry properties of the features that went in. */
const declared: ReadonlyMap<string, FieldDeclaration> = new Map(
  LAYERS.toReversed().flatMap(({ fields }) => fields.map((field) => [field.name, field] as const)),
)

/** Titles and values of the columns of a result in the reader's words. */
export function useColumns() {
  const { t, inLanguage, formatNumber, language } = useLocale()
  const { textOf } = useSpeech()

  const keyOf = (name: string) => `analyses.column.${name}`
  /** Whether analyses themselves tell a property; others came with what was sent. */
  const isOfAnalyses = (name: string) => t(keyOf(name)) !== keyOf(name)

  function titleOf(name: string): string {
    if (isOfAnalyses(name)) return t(keyOf(name))
    const field = declared.get(name)
    return field ? inLanguage(field.title) : name
  }

  /** The server's own word where no text is known. */
  function wordOf(value: string): string {
    const key = `analyses.value.${value}`
    const known = t(key)
    return known === key ? value : known
  }

  function numberText(name: string, value: number): string {
    if (!SHARES.includes(name)) return formatNumber(Number(value.toFixed(Math.abs(value) < LARGE ? DECIMALS : 0)))
    return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { style: 'percent', maximumFractionDigits: 1 })
  }

  function valueText(name: string, value: unknown): string {
    if (value === null || value === undefined || value === '') return '—'
    if (typeof value === 'number' && !declared.get(name)?.codes) return numberText(name, value)
    if (typeof value === 'boolean') return t(value ? 'format.yes' : 'format.no')
    const field = isOfAnalyses(name) ? undefined : declared.get(name)
    return field ? textOf(field, value) : wordOf(String(value))
  }

  return { titleOf, valueText, isOfAnalyses }
}
