import type { CallRoom } from './room.svelte'
import { focusKind, shortcutFor } from './shortcuts'
import type { CallView } from './view.svelte'

export const TOOLBAR_ID = 'controls'

/** The call page's keys, for `<svelte:window>`. */
export function handleShortcuts(room: CallRoom, view: CallView) {
  let talking = false

  function onkeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape' && !event.defaultPrevented && !view.dialog && view.panel) {
      if (!document.querySelector('[popover]:popover-open')) view.panel = null
      return
    }
    if (!view.shortcutsOn || view.dialog) return
    const action = shortcutFor(
      event,
      focusKind(document.activeElement === document.body ? null : document.activeElement),
    )
    if (!action) return
    event.preventDefault()
    if (action === 'mic') void room.setMicrophone(!room.micOn)
    else if (action === 'camera') void room.setCamera(!room.cameraOn)
    else if (action === 'help') view.dialog = 'keys'
    else if (action === 'toolbar') document.querySelector<HTMLElement>(`#${TOOLBAR_ID} button`)?.focus()
    else if (!room.micOn) {
      talking = true
      void room.setMicrophone(true)
    }
  }

  function stopTalking(): void {
    if (!talking) return
    talking = false
    void room.setMicrophone(false)
  }

  return {
    onkeydown,
    onkeyup: (event: KeyboardEvent) => event.key === ' ' && stopTalking(),
    // The key may be released where this page does not see it.
    onblur: stopTalking,
  }
}
