import type { WaitingReport } from '../model/outbox'

const DATABASE = 'wangge'
const VERSION = 1
const STORE = 'reports'

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('IndexedDB'))
  })
}

async function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, VERSION)
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'key' })
  return settled(request)
}

/** Runs a piece of work on the store; resolves once it is on the disk. */
async function within<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const database = await opened()
  try {
    const transaction = database.transaction(STORE, mode, { durability: 'strict' })
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB'))
    })
    const result = await settled(work(transaction.objectStore(STORE)))
    await done
    return result
  } finally {
    database.close()
  }
}

/** The reports of all accounts that wait on this device. Throws DOMException where the browser keeps nothing. */
export const readWaiting = () => within<WaitingReport[]>('readonly', (store) => store.getAll())

/** Keeps a report, in the place of one with the same key. */
export const keepWaiting = (waiting: WaitingReport) => within('readwrite', (store) => store.put(waiting))

export const dropWaiting = (key: string) => within('readwrite', (store) => store.delete(key))
