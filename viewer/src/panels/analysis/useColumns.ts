import { LAYERS } from '../../generated/layers'
import type { FieldDeclaration } from '../../generated/layers'
import { useLocale } from '../../locales'
import { useSpeech } from '../shared/useSpeech'

const SHARES = ['share', 'change']
/** Properties that analyses add; all others are those of the layers. */
const DECIMALS = 2

/** The first field of that name of any layer: results carry properties of the features that went in. */
const declared: ReadonlyMap<string, FieldDeclaration> = new Map(
  LAYERS.toReversed().flatMap(({ fields }) => fields.map((field) => [field.name, field] as const)),
)

/** Titles and values of the columns of a result in the reader's words. */
export function useColumns() {
  const { t, inLanguage, formatNumber, language } = useLocale()
  const { textOf } = useSpeech()

  function titleOf(name: string): string {
    const key = `analyses.column.${name}`
    const known = t(key)
    if (known !== key) return known
    const field = declared.get(name)
    return field ? inLanguage(field.title) : name
  }

  function numberText(name: string, value: number): string {
    if (!SHARES.includes(name)) return formatNumber(Number(value.toFixed(DECIMALS)))
    return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { style: 'percent', maximumFractionDigits: 1 })
  }

  function valueText(name: string, value: unknown): string {
    if (value === null || value === undefined || value === '') return '—'
    if (typeof value === 'number' && !declared.get(name)?.codes) return numberText(name, value)
    if (typeof value === 'boolean') return t(value ? 'format.yes' : 'format.no')
    const field = declared.get(name)
    return field ? textOf(field, value) : String(value)
  }

  return { titleOf, valueText }
}
