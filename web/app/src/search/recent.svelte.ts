import { readStored, store } from '../ui/storage'
import { forgotten, readRecent, remembered } from './recent'

const KEY = 'searches'

let list = $state.raw<readonly string[]>(readRecent(readStored<unknown>(KEY, [])))

/** What was searched for in this browser. Reactive where it is read in a component. */
export const recent = {
  get queries(): readonly string[] {
    return list
  },
  remember: (query: string): void => keep(remembered(list, query)),
  forget: (query: string): void => keep(forgotten(list, query)),
  clear: (): void => keep([]),
}

function keep(queries: readonly string[]): void {
  list = queries
  store(KEY, queries)
}
