/** Most photos with one report or step; the server takes no more. */
export const MOST_PHOTOS = 9

/** A form of one JSON part and the photos that come with it. */
export function photoForm(part: string, body: Readonly<Record<string, unknown>>, photos: readonly Blob[]): FormData {
  const form = new FormData()
  form.set(part, JSON.stringify(body))
  for (const [number, photo] of photos.entries()) form.append('photo', photo, `${number + 1}.jpg`)
  return form
}
