/** An attachment that calls `more` whenever the element comes within `distance` pixels of what is seen. */
export function nearEnd(more: () => void, distance = 800): (element: Element) => () => void {
  return (element) => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) more()
      },
      { rootMargin: `${distance}px` },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }
}
