/** What can be done about a notice: a word on a button. */
export interface ToastAction {
  label: string
  run: () => void
}

export interface Toast {
  id: number
  text: string
  action: ToastAction | null
}

interface ToastOptions {
  /** Until somebody dismisses it, for what nobody may miss. */
  stays?: boolean
  action?: ToastAction
}

const SHOWN_FOR = 4000
/** What can be acted on has to be read, and reached with the keyboard. */
const SHOWN_WITH_ACTION = 10_000

let nextId = 1
const endings = new Map<number, ReturnType<typeof setTimeout>>()

/** Short notices. `Notices.svelte` shows the toasts and reads the announcements to screen readers. */
export const notices = $state({ toasts: [] as Toast[], announcement: '' })

/** The notice's number, by which it can be dismissed. */
export function toast(text: string, { stays = false, action }: ToastOptions = {}): number {
  const id = nextId++
  for (const old of notices.toasts.slice(0, -2)) dismiss(old.id)
  notices.toasts = [...notices.toasts, { id, text, action: action ?? null }]
  announce(action ? `${text} ${action.label}` : text)
  if (!stays) endLater(id)
  return id
}

export function dismiss(id: number): void {
  clearTimeout(endings.get(id))
  endings.delete(id)
  notices.toasts = notices.toasts.filter((toast) => toast.id !== id)
}

/** Whoever is about to click a notice has all the time for it. */
export function hold(id: number): void {
  clearTimeout(endings.get(id))
}

/** It goes on from the beginning, where it was not to stay anyway. */
export function release(id: number): void {
  if (endings.has(id)) endLater(id)
}

function endLater(id: number): void {
  clearTimeout(endings.get(id))
  const action = notices.toasts.find((toast) => toast.id === id)?.action
  endings.set(
    id,
    setTimeout(() => dismiss(id), action ? SHOWN_WITH_ACTION : SHOWN_FOR),
  )
}

export function announce(text: string): void {
  // A repeated text must differ to be read again.
  notices.announcement = notices.announcement === text ? `${text}\u00a0` : text
}
