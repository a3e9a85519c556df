import { SocialApi } from '@confab/sdk/api'
import { heard } from './client'

/** Accounts, profiles and people: fetched with the pages that need it, and not by guests of a meeting. */
export const social = new SocialApi(heard)
