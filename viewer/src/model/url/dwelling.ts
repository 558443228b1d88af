import { idParameter } from './id'

/** `dwelling=17`: the room opened in the building selected. */
export const dwellingParameter = idParameter('dwelling')
