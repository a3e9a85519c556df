import { accountEn } from './account.en'
import { networkEn } from './network.en'
import { notificationsEn } from './notifications.en'
import { peopleEn } from './people.en'
import { searchEn } from './search.en'

/** The texts that neither the start page nor a meeting needs. */
export const moreEn = { ...accountEn, ...peopleEn, ...networkEn, ...notificationsEn, ...searchEn }
