import { readStored, store } from '../ui/storage'
import type { LayoutMode } from './layout'

export type PanelName = 'chat' | 'people'
export type DialogName = 'devices' | 'keys' | 'leave'

/** What is open on the call page, and how the tiles are laid out. */
export class CallView {
  panel = $state<PanelName | null>(null)
  dialog = $state<DialogName | null>(null)
  stats = $state(false)
  layout = $state<LayoutMode>(readStored<LayoutMode>('layout', 'auto'))
  pinned = $state<string | null>(null)
  page = $state(0)
  unread = $state(0)
  shortcutsOn = $state(readStored('shortcuts', true))

  toggle(panel: PanelName): void {
    this.panel = this.panel === panel ? null : panel
    if (this.panel === 'chat') this.unread = 0
  }

  setLayout(layout: LayoutMode): void {
    this.layout = layout
    this.pinned = null
    this.page = 0
    store('layout', layout)
  }

  togglePin(key: string): void {
    this.pinned = this.pinned === key ? null : key
    this.page = 0
  }

  setShortcuts(on: boolean): void {
    this.shortcutsOn = on
    store('shortcuts', on)
  }
}
