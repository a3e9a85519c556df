// One chunk for what the header has only for those who are signed in.
export { default as AccountItems } from '../account/AccountItems.svelte'
export { default as MainNav } from './MainNav.svelte'
