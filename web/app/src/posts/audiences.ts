import type { Audience } from '@confab/sdk/api'
import Globe from '@lucide/svelte/icons/globe'
import Handshake from '@lucide/svelte/icons/handshake'
import Users from '@lucide/svelte/icons/users'

export const AUDIENCES: readonly Audience[] = ['public', 'followers', 'friends']
export const AUDIENCE_ICONS: Readonly<Record<Audience, typeof Globe>> = { public: Globe, followers: Users, friends: Handshake } // prettier-ignore
