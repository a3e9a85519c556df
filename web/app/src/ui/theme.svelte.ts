import { forget, readStored, store } from './storage'

export type Theme = 'system' | 'light' | 'dark'

let theme = $state<Theme>(readStored<Theme>('theme', 'system'))

export const currentTheme = (): Theme => theme

/** `public/theme.js` applies the remembered one before the first paint. */
export function setTheme(next: Theme): void {
  theme = next
  if (next === 'system') {
    delete document.documentElement.dataset.theme
    forget('theme')
  } else {
    document.documentElement.dataset.theme = next
    store('theme', next)
  }
}
