import { ref } from 'vue'
import type { Title } from '../generated/layers'
import { formatDuration } from '../model/duration'

export type Language = 'zh' | 'en'
export type Parameters = Readonly<Record<string, string | number>>
export type Messages = Readonly<Record<string, string>>

/** The texts of one language: a file for the shell and one for each panel. */
function gathered(files: Readonly<Record<string, Messages>>): Messages {
  return Object.assign({}, ...Object.values(files)) as Messages
}

const MESSAGES: Readonly<Record<Language, Messages>> = {
  zh: gathered(import.meta.glob<Messages>('./zh/*.json', { eager: true, import: 'default' })),
  en: gathered(import.meta.glob<Messages>('./en/*.json', { eager: true, import: 'default' })),
}

export const LANGUAGES: readonly Language[] = ['zh', 'en']

const language = ref<Language>('zh')

/** The text with each {name} replaced by the parameter of that name. */
export function fillIn(text: string, parameters: Parameters = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole))
}

/** The text for the key in the current language; the key itself where there is none. */
export function t(key: string, parameters?: Parameters): string {
  return fillIn(MESSAGES[language.value][key] ?? key, parameters)
}

/** A declared title in the current language. */
export function inLanguage(title: Title): string {
  return title[language.value]
}

/** Several things named one after the other. */
export function listed(texts: readonly string[]): string {
  return texts.join(t('format.comma'))
}

/** A number with thousands separated. */
export function formatNumber(value: number): string {
  return value.toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB')
}

/** Date and time of day in the reader's time zone, to the minute. */
export function formatTime(iso: string): string {
  return new Date(iso).toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
}

/** A length of time in its two largest units. */
export function durationText(milliseconds: number): string {
  return formatDuration(milliseconds, {
    days: t('duration.days'),
    hours: t('duration.hours'),
    minutes: t('duration.minutes'),
    moment: t('duration.moment'),
  })
}

/** Everything a component needs to speak: all of it reacts to a change of language. */
export function useLocale() {
  return {
    language,
    t,
    inLanguage,
    listed,
    formatNumber,
    formatTime,
    durationText,
    setLanguage(next: Language) {
      language.value = next
    },
  }
}
