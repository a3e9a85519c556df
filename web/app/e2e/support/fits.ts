// Whether a page fits the window that it is shown in, and what of it does not.
import type { Page } from 'playwright-core'
import { until } from './wait.ts'

/** Long enough for a page to be laid out anew on a busy machine. */
const SETTLED_MS = 5_000

/** Waits until nothing on the page is wider than its window; fails with the elements that stick out. */
export async function fits(page: Page): Promise<void> {
  await until(
    `everything on ${page.url()} fits its window`,
    async () => {
      const found = await page.evaluate(tooWide)
      if (found.length > 0) throw new Error(found.join('\n'))
      return true
    },
    SETTLED_MS,
  )
}

/** Runs in the page: what is seen beyond the left or the right edge, the innermost elements only, with where they end. */
function tooWide(): string[] {
  const width = document.documentElement.clientWidth
  /** As far as it is seen: what can be scrolled inside a box, or is cut off by it, ends where the box does. */
  const seen = (element: Element): [left: number, right: number] => {
    let { left, right } = element.getBoundingClientRect()
    const own = getComputedStyle(element)
    // Hidden from the eye, and only from that.
    if (own.clipPath !== 'none') return [0, 0]
    let { position } = own
    for (let box = element.parentElement; box && position !== 'fixed'; box = box.parentElement) {
      const style = getComputedStyle(box)
      if (style.overflowX !== 'visible' || /paint|strict|content/.test(style.contain)) {
        const edges = box.getBoundingClientRect()
        left = Math.max(left, edges.left)
        right = Math.min(right, edges.right)
      }
      position = style.position
    }
    return [left, right]
  }
  const sticksOut = (element: Element): boolean => {
    const [left, right] = seen(element)
    return right > left && (left < -0.5 || right > width + 0.5) && element.checkVisibility({ visibilityProperty: true })
  }
  const inside = (element: Element): boolean => [...element.children].some((child) => sticksOut(child) || inside(child))
  const found = [...document.body.querySelectorAll('*')]
    .filter((element) => sticksOut(element) && !inside(element))
    .map((element) => `${seen(element).map(Math.round).join(' to ')}: ${element.outerHTML.slice(0, 200)}`)
  const { scrollWidth } = document.documentElement
  if (found.length === 0 && scrollWidth > width) {
    const pointed = [...document.querySelectorAll(':hover, :focus')].at(-1)
    found.push(`no element, but something generated; pointed at: ${pointed?.outerHTML.slice(0, 200)}`)
  }
  return found.length > 0 ? [`${scrollWidth} of ${width} px:`, ...found] : []
}
