const KEY_BYTES = 16

/**
 * A key for one request however often it is sent. Not `crypto.randomUUID`: that is missing on pages that come over plain
 * http from another machine.
 */
export function newRequestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
