import { takeOutCopy, takeOutLooks } from '../api/privacy'
import type { LookFilter } from '../api/privacy'
import type { TakenOut } from '../api/client'

const KEPT_MS = 10_000

function hand({ blob, name }: TakenOut): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS)
}

/** Hands all that is held about a person to the browser as a file. Throws ApiError. */
export async function saveCopy(person: number, reason: string, language: string): Promise<void> {
  hand(await takeOutCopy(person, reason, language))
}

/** Hands the looks under the filters to the browser as a file; how many they are. Throws ApiError. */
export async function saveLooks(filter: LookFilter, reason: string, language: string): Promise<number> {
  const file = await takeOutLooks(filter, reason, language)
  hand(file)
  return file.rows
}
