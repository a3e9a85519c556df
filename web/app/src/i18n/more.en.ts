import { accountEn } from './account.en'
import { notificationsEn } from './notifications.en'
import { peopleEn } from './people.en'

/** The texts that neither the start page nor a meeting needs. */
export const moreEn = { ...accountEn, ...peopleEn, ...notificationsEn }
