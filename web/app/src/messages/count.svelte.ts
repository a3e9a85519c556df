let count = $state.raw({ unread: 0, requests: 0 })

/** How many conversations have something unread, and how many wait for a yes; 0 until it was asked for. */
export const chatCount = {
  get unread(): number {
    return count.unread
  },
  get requests(): number {
    return count.requests
  },
  /** What stands beside the link to them. */
  get all(): number {
    return count.unread + count.requests
  },
  set(next: { unread: number; requests: number }): void {
    count = next
  },
}
