import { accountEn } from './account.en'
import { attachmentsEn } from './attachments.en'
import { messagesEn } from './messages.en'
import { lettersEn } from './letters.en'
import { notificationsEn } from './notifications.en'
import { networkEn } from './network.en'
import { peopleEn } from './people.en'
import { postsEn } from './posts.en'
import { roomsEn } from './rooms.en'
import { ringsEn } from './rings.en'
import { searchEn } from './search.en'

/** The texts that neither the start page nor a meeting needs. */
export const moreEn = {
  ...accountEn,
  ...peopleEn,
  ...postsEn,
  ...networkEn,
  ...searchEn,
  ...notificationsEn,
  ...messagesEn,
  ...lettersEn,
  ...attachmentsEn,
  ...roomsEn,
  ...ringsEn,
}
