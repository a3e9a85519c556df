import type { LetterSummary } from '@confab/sdk/api'
import { SvelteSet } from 'svelte/reactivity'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { t } from '../i18n/i18n.svelte'
import { ListState } from '../people/listState.svelte'
import { refusalText } from '../people/refusals'
import { currentEntry, Visits } from '../people/visits'
import { UndoQueue } from '../posts/undo'
import { dismiss, toast } from '../ui/notices.svelte'
import type { MailBox } from './paths'

/** Deleted, or about to be. */
const hidden = new SvelteSet<string>()
const removals = new UndoQueue()
addEventListener('pagehide', () => removals.leave())

type Letters = ListState<LetterSummary>

/** Outlive their pages, so that Back leads to where one was. */
const visits: Record<MailBox, Visits<Letters>> = { inbox: new Visits(Date.now()), sent: new Visits(Date.now()) }

/** The list of a box, as it was where one comes back to it. */
export function enterBox(box: MailBox, account: string): { list: Letters; scroll: number } {
  const make = (): Letters => new ListState(async (after) => social.letters[box]({ after }))
  return visits[box].enter(currentEntry, account, make)
}

export const boxScrolled = (box: MailBox): void => visits[box].scrolled(scrollY)

/** What one deletes of one's letters: hidden at once, and gone when it is too late to take that back. */
export const mailbox = {
  isHidden: (letter: { id: string }): boolean => hidden.has(letter.id),

  remove(id: string): void {
    hidden.add(id)
    const action = { label: t().mail.undo, run: () => void removals.undo(id) }
    const notice = toast(t().mail.deleted, { stays: true, action })
    removals.add(id, {
      commit: () => {
        dismiss(notice)
        void removeNow(id)
      },
      restore: () => hidden.delete(id),
    })
  },
}

async function removeNow(id: string): Promise<void> {
  hidden.add(id)
  try {
    await social.letters.remove(id)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'not_found' || code === 'not_signed_in') return
    hidden.delete(id)
    toast(t().mail.notDeleted(refusalText(code)), {
      action: { label: t().app.retry, run: () => void removeNow(id) },
    })
  }
}
