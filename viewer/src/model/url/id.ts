import type { UrlParameter } from './parameter'

/** A parameter that holds the id of one row, or nothing. */
export function idParameter(name: string): UrlParameter<number | null> {
  return {
    name,
    fallback: null,
    read: (text) => (/^\d+$/.test(text) ? Number(text) : null),
    write: (id) => (id === null ? null : String(id)),
    check: (id) => id === null || (Number.isSafeInteger(id) && id > 0),
  }
}
