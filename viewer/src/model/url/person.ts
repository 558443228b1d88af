import { idParameter } from './id'

/** `person=17`: the person opened. */
export const personParameter = idParameter('person')
