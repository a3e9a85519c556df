import type { Person } from '@confab/sdk/api'
import { social } from '../api/client'
import { ListState } from './listState.svelte'
import { Visits } from './visits'

/** A page of cards fills about two screens. */
const PAGE_SIZE = 30

/** Outlives the page, so that Back leads to where one was. */
export const directoryVisits = new Visits<ListState<Person>>(Date.now())

export const openDirectory = (): ListState<Person> =>
  new ListState((after) => social.people({ after, limit: PAGE_SIZE }))
