import type { Question } from '../question'
import type { UrlParameter } from './parameter'

function toText(question: Question): string {
  const bytes = new TextEncoder().encode(JSON.stringify(question))
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function isQuestion(value: unknown): value is Question {
  return typeof value === 'object' && value !== null && 'layer' in value && 'subject' in value && 'conditions' in value
}

/** `question=…`: the spatial question asked, its JSON in base64; the server checks what it says. */
export const questionParameter: UrlParameter<Question | null> = {
  name: 'question',
  fallback: null,
  read(text) {
    try {
      const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
      return isQuestion(value) ? value : null
    } catch {
      return null
    }
  },
  write: (question) => (question ? toText(question) : null),
  check: () => true,
}
