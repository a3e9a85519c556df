/** What a key press is told by; a part of `KeyboardEvent`. */
interface Key {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  defaultPrevented: boolean
}

/** Whether a key is for the search: `/`, or Ctrl or Cmd with K. Keys of whoever is writing something are theirs. */
export function isSearchKey({ key, ctrlKey, metaKey, altKey, defaultPrevented }: Key, isWriting: boolean): boolean {
  if (defaultPrevented || isWriting || altKey) return false
  if (ctrlKey || metaKey) return ctrlKey !== metaKey && key.toLowerCase() === 'k'
  return key === '/'
}

/** Whether keys go to something that is written in, or to a dialog that lies over everything. */
export function isWriting(page: Document): boolean {
  const element = page.activeElement
  if (page.querySelector('dialog[open]')) return true
  return element instanceof HTMLElement && (element.isContentEditable || element.matches('input, textarea, select'))
}
