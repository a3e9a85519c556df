/** How many are shown at most beside the bell and in the title. */
const SHOWN = 99

/** `3`, `99+`, or nothing. */
export const shortCount = (unread: number): string => (unread > SHOWN ? `${SHOWN}+` : unread > 0 ? String(unread) : '')

/** A page's title with the number before it. */
export function withCount(title: string, unread: number): string {
  const own = title.replace(/^\(\d+\+?\) /, '')
  return unread > 0 ? `(${shortCount(unread)}) ${own}` : own
}

const ICON_SIZE = 64

/** Shows the number where one sees it from another tab or app: in the title, on the icon and on the app's icon. */
export class TabBadge {
  #unread = 0
  readonly #icon: HTMLLinkElement | null = document.querySelector('link[rel="icon"]')
  readonly #plain: string = this.#icon?.href ?? ''

  constructor() {
    // Each page sets its own title when it shows, and knows nothing of numbers.
    const observer = new MutationObserver(() => this.#showTitle())
    observer.observe(document.head, { childList: true, subtree: true, characterData: true })
  }

  show(unread: number): void {
    if (unread === this.#unread) return
    const isMarked = this.#unread > 0
    this.#unread = unread
    this.#showTitle()
    if (isMarked !== unread > 0) void this.#showIcon()
    // Only where the app is installed; elsewhere it is refused.
    if (navigator.setAppBadge) void navigator.setAppBadge(unread).catch(() => undefined)
  }

  #showTitle(): void {
    const title = withCount(document.title, this.#unread)
    if (document.title !== title) document.title = title
  }

  /** A dot: numbers cannot be read at the size of a tab's icon. */
  async #showIcon(): Promise<void> {
    const marked = this.#unread > 0 ? await markedIcon(this.#plain).catch(() => null) : null
    if (this.#icon) this.#icon.href = (this.#unread > 0 && marked) || this.#plain
  }
}

async function markedIcon(source: string): Promise<string | null> {
  const image = Object.assign(new Image(ICON_SIZE, ICON_SIZE), { src: source })
  await image.decode()
  const canvas = Object.assign(document.createElement('canvas'), { width: ICON_SIZE, height: ICON_SIZE })
  const context = canvas.getContext('2d')
  if (!context) return null
  context.drawImage(image, 0, 0, ICON_SIZE, ICON_SIZE)
  const [x, y, radius] = [ICON_SIZE - 16, 16, 15]
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = '#d3342a'
  context.fill()
  context.lineWidth = 3
  context.strokeStyle = '#ffffff'
  context.stroke()
  return canvas.toDataURL()
}
