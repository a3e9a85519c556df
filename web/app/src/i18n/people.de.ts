import type { peopleEn } from './people.en'

export const peopleDe: typeof peopleEn = {}
