import type { NotificationKind, NotificationSettings } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { refusalText } from '../people/refusals'
import { toast } from '../ui/notices.svelte'

/** Which kinds are wanted, as far as is known: what one switches shows at once and is taken back if it fails. */
class MutedKinds {
  #muted = $state.raw<readonly NotificationKind[]>([])
  /** Each call sends all kinds, so one waits for the other. */
  #saving: Promise<void> = Promise.resolve()

  constructor(settings: NotificationSettings) {
    this.#muted = settings.muted
  }

  isWanted(kind: NotificationKind): boolean {
    return !this.#muted.includes(kind)
  }

  want(kind: NotificationKind, isWanted: boolean): void {
    this.#set(kind, isWanted)
    this.#saving = this.#saving.then(() => this.#save(kind, isWanted))
  }

  async #save(kind: NotificationKind, isWanted: boolean): Promise<void> {
    try {
      await social.notifications.changeSettings({ muted: [...this.#muted] })
    } catch (error) {
      this.#set(kind, !isWanted)
      toast(t().notifications.notDone(refusalText(errorCode(error))), {
        action: { label: t().app.retry, run: () => this.want(kind, isWanted) },
      })
    }
  }

  #set(kind: NotificationKind, isWanted: boolean): void {
    const others = this.#muted.filter((muted) => muted !== kind)
    this.#muted = isWanted ? others : [...others, kind]
  }
}

export const muted = (settings: NotificationSettings): MutedKinds => new MutedKinds(settings)
