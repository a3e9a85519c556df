import type { Person } from '@confab/sdk/api'
import { social } from '../api/social'
import { openPeople } from './directory.svelte'
import type { ListState } from './listState.svelte'
import { network } from './network.svelte'

export const openReceived = (): ListState<Person> => openPeople((wish) => social.network.receivedRequests(wish))
export const openSent = (): ListState<Person> => openPeople((wish) => social.network.sentRequests(wish))

/** How many of those who have asked wait for an answer, as far as the list was loaded. */
export const waiting = (received: ListState<Person>): number =>
  network.withoutBlocked(received.items).filter((person) => network.connection(person).friendship === 'received').length
