import { accountDe } from './account.de'
import { attachmentsDe } from './attachments.de'
import type { moreEn } from './more.en'
import { messagesDe } from './messages.de'
import { lettersDe } from './letters.de'
import { notificationsDe } from './notifications.de'
import { networkDe } from './network.de'
import { peopleDe } from './people.de'
import { postsDe } from './posts.de'
import { roomsDe } from './rooms.de'
import { ringsDe } from './rings.de'
import { searchDe } from './search.de'

/** The texts that neither the start page nor a meeting needs. */
export const moreDe: typeof moreEn = {
  ...accountDe,
  ...peopleDe,
  ...postsDe,
  ...networkDe,
  ...searchDe,
  ...notificationsDe,
  ...messagesDe,
  ...lettersDe,
  ...attachmentsDe,
  ...roomsDe,
  ...ringsDe,
}
