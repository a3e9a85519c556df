import type { RingsTexts } from '../i18n/rings.en'
import type { Outcome } from './ring'

/** What has become of a call that nobody took. `name`: of the only one who was rung; null of a group. */
export function outcomeText(outcome: Outcome, name: string | null, texts: RingsTexts['rings']): string {
  switch (outcome) {
    case 'declined':
      return name === null ? texts.allDeclined : texts.declined(name)
    case 'busy':
      return name === null ? texts.allBusy : texts.busy(name)
    case 'missed':
      return name === null ? texts.allMissed : texts.missed(name)
    default:
      return texts.nobody
  }
}
