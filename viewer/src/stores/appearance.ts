import { defineStore } from 'pinia'
import { onScopeDispose, ref, watch } from 'vue'
import { useLocale } from '../locales'
import type { Language } from '../locales'

export type Theme = 'light' | 'dark'

const THEME_KEY = 'wangge.theme'
const LANGUAGE_KEY = 'wangge.language'
/** The screens that get the application for one hand. */
export const PHONE = '(max-width: 640px)'
const WALL = '(min-width: 1800px)'

function firstTheme(): Theme {
  const kept = localStorage.getItem(THEME_KEY)
  if (kept === 'light' || kept === 'dark') return kept
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_KEY)
  return kept === 'en' ? 'en' : 'zh'
}

function useMedia(query: string) {
  const media = matchMedia(query)
  const matches = ref(media.matches)
  const update = (event: MediaQueryListEvent) => {
    matches.value = event.matches
  }
  media.addEventListener('change', update)
  onScopeDispose(() => media.removeEventListener('change', update))
  return matches
}

/** Theme, language and the size of the screen. Theme and language are kept in the browser. */
export const useAppearance = defineStore('appearance', () => {
  const { language } = useLocale()
  const theme = ref<Theme>(firstTheme())
  const isPhone = useMedia(PHONE)
  const isWall = useMedia(WALL)
  language.value = firstLanguage()

  watch(
    theme,
    (next) => {
      document.documentElement.dataset.theme = next
      document.documentElement.classList.toggle('dark', next === 'dark')
    },
    { immediate: true },
  )
  watch(
    language,
    (next) => {
      document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
    },
    { immediate: true },
  )

  function toggleTheme() {
    theme.value = theme.value === 'light' ? 'dark' : 'light'
    localStorage.setItem(THEME_KEY, theme.value)
  }

  function toggleLanguage() {
    language.value = language.value === 'zh' ? 'en' : 'zh'
    localStorage.setItem(LANGUAGE_KEY, language.value)
  }

  return { theme, language, isPhone, isWall, toggleTheme, toggleLanguage }
})
