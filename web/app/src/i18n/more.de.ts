import { accountDe } from './account.de'
import type { moreEn } from './more.en'
import { peopleDe } from './people.de'
import { postsDe } from './posts.de'

/** The texts that neither the start page nor a meeting needs. */
export const moreDe: typeof moreEn = { ...accountDe, ...peopleDe, ...postsDe }
