import { accountEn } from './account.en'
import { peopleEn } from './people.en'
import { postsEn } from './posts.en'

/** The texts that neither the start page nor a meeting needs. */
export const moreEn = { ...accountEn, ...peopleEn, ...postsEn }
