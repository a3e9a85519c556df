import { accountDe } from './account.de'
import type { moreEn } from './more.en'
import { notificationsDe } from './notifications.de'
import { peopleDe } from './people.de'

/** The texts that neither the start page nor a meeting needs. */
export const moreDe: typeof moreEn = { ...accountDe, ...peopleDe, ...notificationsDe }
