import { exportWorkList } from '../api/cases'
import type { CaseFilter } from '../api/cases'
import { takeOutCopy, takeOutLooks } from '../api/privacy'
import type { LookFilter } from '../api/privacy'
import { takeOut } from '../api/questions'
import type { TakeOutFormat } from '../api/questions'
import type { TakenOut } from '../api/client'
import { chinaDay } from '../model/chinaTime'
import type { Question } from '../model/question'

const KEPT_MS = 10_000

function hand({ blob, name }: Pick<TakenOut, 'blob' | 'name'>): void {
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

/** Hands the answer to a question to the browser as a file or a map under a title; how many rows it has. Throws ApiError. */
export async function saveAnswer(question: Question, format: TakeOutFormat, reason: string, title: string, language: string): Promise<number> {
  const file = await takeOut(question, format, reason, title, language)
  hand(file)
  return file.rows
}

/** Hands a work list to the browser as an Excel file. Throws ApiError. */
export async function saveWorkList(name: string, filter: CaseFilter, reason: string, language: string): Promise<void> {
  hand({ blob: await exportWorkList(name, filter, reason, language), name: `${name}-${chinaDay(new Date())}.xlsx` })
}
