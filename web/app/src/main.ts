import './styles/index.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { preferredLocale, setLocale } from './i18n/i18n.svelte'
import { interceptLinks } from './router.svelte'
import { keepPage } from './ui/keepPage'

interceptLinks()
keepPage()
// English if the other dictionary cannot be fetched: better than no page.
await setLocale(preferredLocale(), { remember: false }).catch(() => undefined)
mount(App, { target: document.getElementById('app')! })
