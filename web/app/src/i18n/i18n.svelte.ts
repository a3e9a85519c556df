import { readStored, store } from '../ui/storage'
import { en, type Messages } from './en'

export type Locale = 'en' | 'de'

/** Each language by its own name. English is in the first load, the others are fetched when wanted. */
export const LOCALES: Record<Locale, string> = { en: 'English', de: 'Deutsch' }

const load: Record<Locale, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import('./de')).de,
}

let value = $state.raw<{ locale: Locale; messages: Messages }>({ locale: 'en', messages: en })

/** The texts in the reader's language: `t().lobby.join`. Reactive where it is called in a component. */
export const t = (): Messages => value.messages

export const locale = (): Locale => value.locale

export async function setLocale(locale: Locale, { remember = true } = {}): Promise<void> {
  value = { locale, messages: await load[locale]() }
  document.documentElement.lang = locale
  if (remember) store('locale', locale)
}

export function preferredLocale(): Locale {
  const candidates = [readStored<string>('locale', ''), ...navigator.languages.map((tag) => tag.slice(0, 2))]
  return candidates.find((candidate): candidate is Locale => Object.hasOwn(LOCALES, candidate)) ?? 'en'
}

export const formatTime = (at: number): string =>
  new Intl.DateTimeFormat(value.locale, { hour: '2-digit', minute: '2-digit' }).format(at)

export function formatAgo(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(value.locale, { numeric: 'auto' })
  const minutes = Math.round((at - now) / 60_000)
  if (minutes > -60) return format.format(minutes, 'minute')
  if (minutes > -60 * 24) return format.format(Math.round(minutes / 60), 'hour')
  return format.format(Math.round(minutes / 60 / 24), 'day')
}

export const formatNumber = (number: number, digits = 0): string =>
  new Intl.NumberFormat(value.locale, { maximumFractionDigits: digits }).format(number)

export const formatList = (names: readonly string[]): string =>
  new Intl.ListFormat(value.locale, { type: 'conjunction' }).format(names)

/** A day, such as `20 November 2026`. */
export const formatDate = (at: number): string =>
  new Intl.DateTimeFormat(value.locale, { dateStyle: 'long' }).format(at)

/** A day and the time. */
export const formatDateTime = (at: number): string =>
  new Intl.DateTimeFormat(value.locale, { dateStyle: 'medium', timeStyle: 'short' }).format(at)

/** A month, such as `November 2026`. */
export const formatMonth = (at: number): string =>
  new Intl.DateTimeFormat(value.locale, { month: 'long', year: 'numeric' }).format(at)
