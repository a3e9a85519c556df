export type ShortcutAction = 'mic' | 'camera' | 'talk' | 'help' | 'toolbar'

export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
  repeat: boolean
}

export type FocusKind = 'page' | 'control' | 'typing'

/** Google Meet's keys. Single keys do nothing while one types, and Space stays a button's own key while one has the focus. */
export function shortcutFor(press: KeyPress, focus: FocusKind): ShortcutAction | null {
  if (press.repeat || press.altKey) return null
  const key = press.key.toLowerCase()
  if (press.ctrlKey !== press.metaKey) {
    if (press.shiftKey || focus === 'typing') return null
    return key === 'd' ? 'mic' : key === 'e' ? 'camera' : null
  }
  if (press.ctrlKey || focus === 'typing') return null
  if (key === '?') return 'help'
  if (key === 't' && !press.shiftKey) return 'toolbar'
  return key === ' ' && !press.shiftKey && focus === 'page' ? 'talk' : null
}

/** What kind of element has the focus. */
export function focusKind(element: Element | null): FocusKind {
  if (!element) return 'page'
  if (
    element.closest('input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true]')
  )
    return 'typing'
  return element.closest('button, a[href], input, summary, dialog, [role=menuitem], [popover]') ? 'control' : 'page'
}
