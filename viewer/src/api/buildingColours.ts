import type { BuildingColours, BuildingValues, Colouring } from '../model/buildingColours'
import type { TileAddress } from '../model/tileAddress'
import { api } from './client'

/** The classes of a colouring and the buildings the reader may see in each. */
export const getColours = (by: Colouring, signal?: AbortSignal) =>
  api.get<BuildingColours>(`/api/buildings/colours/${by}`, { signal })

/** The counted value of each building in a tile that has one. */
export const getValues = (by: Colouring, { z, x, y }: TileAddress, signal?: AbortSignal) =>
  api.get<BuildingValues>(`/api/buildings/colours/${by}/${z}/${x}/${y}`, { signal })
