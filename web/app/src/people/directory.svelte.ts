import type { Person, Suggestion } from '@confab/sdk/api'
import { errorCode } from '../api/client'
import { social } from '../api/social'
import { ListState } from './listState.svelte'
import { network } from './network.svelte'
import { Visits } from './visits'

/** A page of cards fills about two screens. */
const PAGE_SIZE = 30

/** People whom one may know. */
export class Suggestions {
  items = $state.raw<readonly Suggestion[] | null>(null)
  /** The code of the failure. */
  failure = $state('')

  load = async (): Promise<void> => {
    this.failure = ''
    try {
      const items = await social.network.suggestions()
      for (const { person } of items) network.learn(person)
      this.items = items
    } catch (error) {
      this.failure = errorCode(error)
    }
  }
}

export interface Directory {
  everybody: ListState<Person>
  suggestions: Suggestions
}

/** Outlive their pages, so that Back leads to where one was. */
export const directoryVisits = new Visits<Directory>(Date.now())
export const listVisits = new Visits<ListState<Person>>(Date.now())

type Load = (wish: { after: string | null; limit: number }) => ReturnType<typeof social.people>

export const openPeople = (load: Load): ListState<Person> =>
  new ListState(async (after) => network.learnPage(await load({ after, limit: PAGE_SIZE })))

export function openDirectory(): Directory {
  const suggestions = new Suggestions()
  void suggestions.load()
  return { everybody: openPeople((wish) => social.people(wish)), suggestions }
}
