import { readStored, store } from '../ui/storage'
import type { callEn } from './call.en'
import { en, type Messages } from './en'
import type { moreEn } from './more.en'

export type Locale = 'en' | 'de'

/** Each language by its own name. English is in the first load, the others are fetched when wanted. */
export const LOCALES: Record<Locale, string> = { en: 'English', de: 'Deutsch' }

const load: Record<Locale, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import('./de')).de,
}

/** Texts that are fetched when something needs them, and then in every language that is chosen. */
class Part<T extends object> {
  readonly load: Record<Locale, () => Promise<T>>
  #added: Promise<void> | null = null

  constructor(load: Record<Locale, () => Promise<T>>) {
    this.load = load
  }

  get wanted(): boolean {
    return this.#added !== null
  }

  add(): Promise<void> {
    this.#added ??= this.#add().catch((error: unknown) => {
      this.#added = null
      throw error
    })
    return this.#added
  }

  async #add(): Promise<void> {
    const { locale } = value
    const texts = await this.load[locale]()
    // Who has changed the language meanwhile has them already, in that one.
    if (value.locale === locale) value = { locale, messages: { ...value.messages, ...texts } }
  }
}

type More = typeof moreEn
type CallTexts = typeof callEn

const more = new Part<More>({
  en: async () => (await import('./more.en')).moreEn,
  de: async () => (await import('./more.de')).moreDe,
})
const call = new Part<CallTexts>({
  en: async () => (await import('./call.en')).callEn,
  de: async () => (await import('./call.de')).callDe,
})

/** All texts, although those of a part are there only for what has awaited `loadMoreTexts` or `loadCallTexts`. */
type Texts = Messages & More & CallTexts

let value = $state.raw<{ locale: Locale; messages: Texts }>({ locale: 'en', messages: en as Texts })

/** The texts in the reader's language: `t().lobby.join`. Reactive where it is called in a component. */
export const t = (): Texts => value.messages

export const locale = (): Locale => value.locale

export async function setLocale(locale: Locale, { remember = true } = {}): Promise<void> {
  const parts = [more, call].map((part) => part.wanted && part.load[locale]())
  const texts = await Promise.all([load[locale](), ...parts])
  value = { locale, messages: Object.assign({}, ...texts) as Texts }
  document.documentElement.lang = locale
  if (remember) store('locale', locale)
}

/** Before a page that is neither the start page nor a meeting shows: its texts are not in the first load. */
export const loadMoreTexts = (): Promise<void> => more.add()

/** Before one is in a meeting: the lobby does without. */
export const loadCallTexts = (): Promise<void> => call.add()

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

/** A month, such as `November 2026`. */
export const formatMonth = (at: number): string =>
  new Intl.DateTimeFormat(value.locale, { month: 'long', year: 'numeric' }).format(at)
