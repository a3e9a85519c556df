import type { accountEn } from './account.en'

export const accountDe: typeof accountEn = {
  session: {
    ended: 'Du wurdest abgemeldet.',
    unreachable: 'Dein Konto erscheint, sobald der Server antwortet.',
  },
}
