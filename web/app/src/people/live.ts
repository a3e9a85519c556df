import { onEvents } from '../account/events.svelte'

/**
 * Calls `again` when something between the viewer and anybody may have changed, for as long as a component is there.
 * However much happens meanwhile, it is called once more when it is done.
 */
export function onConnectionsChanged(again: () => Promise<unknown> | void): void {
  let isBusy = false
  let isStale = false

  async function run(): Promise<void> {
    isStale = true
    if (isBusy) return
    isBusy = true
    while (isStale) {
      isStale = false
      await again()
    }
    isBusy = false
  }

  onEvents({
    message: ({ type }) => {
      if (type === 'connections_changed') void run()
    },
    gap: () => void run(),
  })
}
