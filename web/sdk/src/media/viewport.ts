/** How large an element is on the screen, in CSS pixels, and whether any of it can be seen. */
export interface Appearance {
  width: number
  height: number
  visible: boolean
}

type Watcher = (appearance: Appearance) => void

/** Tiles just outside the viewport get their picture already, so that scrolling shows people and not grey boxes. */
const ROOT_MARGIN = '120px'
/** A glance at another tab should not cost a keyframe for every tile. */
const HIDDEN_TAB_AFTER_MS = 3000

/** Watches size and visibility of all attached elements with one observer each. */
export class Viewport {
  readonly #watched = new Map<Element, Appearance & { watcher: Watcher }>()
  readonly #sizes: ResizeObserver
  readonly #intersections: IntersectionObserver
  #tabHidden = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.#sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) {
        this.#update(target, { width: contentRect.width, height: contentRect.height })
      }
    })
    this.#intersections = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.#update(target, { visible: isIntersecting })
      },
      { rootMargin: ROOT_MARGIN },
    )
    document.addEventListener('visibilitychange', () => this.#tabChanged())
  }

  watch(element: Element, watcher: Watcher): void {
    const { width, height } = element.getBoundingClientRect()
    this.#watched.set(element, { width, height, visible: true, watcher })
    this.#sizes.observe(element)
    this.#intersections.observe(element)
    this.#tell(element)
  }

  unwatch(element: Element): void {
    this.#watched.delete(element)
    this.#sizes.unobserve(element)
    this.#intersections.unobserve(element)
  }

  #update(element: Element, change: Partial<Appearance>): void {
    const entry = this.#watched.get(element)
    if (!entry) return
    Object.assign(entry, change)
    this.#tell(element)
  }

  #tell(element: Element): void {
    const entry = this.#watched.get(element)
    if (!entry) return
    const { width, height, watcher } = entry
    const floating = document.pictureInPictureElement === element
    const visible = floating || (entry.visible && !this.#tabHidden)
    watcher({ width, height, visible })
  }

  #tabChanged(): void {
    clearTimeout(this.#timer)
    const hidden = document.visibilityState === 'hidden'
    this.#timer = setTimeout(() => this.#setTabHidden(hidden), hidden ? HIDDEN_TAB_AFTER_MS : 0)
  }

  #setTabHidden(hidden: boolean): void {
    this.#tabHidden = hidden
    for (const element of this.#watched.keys()) this.#tell(element)
  }
}

let shared: Viewport | null = null

/** The page's one viewport; made at the first use, for the module must load where there is no document. */
export function viewport(): Viewport {
  return (shared ??= new Viewport())
}
