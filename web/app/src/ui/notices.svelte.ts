export interface Toast {
  id: number
  text: string
}

const SHOWN_FOR = 4000

let nextId = 1

/** Short notices. `Notices.svelte` shows the toasts and reads the announcements to screen readers. */
export const notices = $state({ toasts: [] as Toast[], announcement: '' })

/** `stays`: until somebody dismisses it, for what nobody may miss. */
export function toast(text: string, { stays = false } = {}): void {
  const id = nextId++
  notices.toasts = [...notices.toasts.slice(-2), { id, text }]
  announce(text)
  if (!stays) setTimeout(() => dismiss(id), SHOWN_FOR)
}

export function dismiss(id: number): void {
  notices.toasts = notices.toasts.filter((toast) => toast.id !== id)
}

export function announce(text: string): void {
  // A repeated text must differ to be read again.
  notices.announcement = notices.announcement === text ? `${text}\u00a0` : text
}
