const MINUTE = 60_000

let now = $state(Date.now())
setInterval(() => (now = Date.now()), MINUTE)

/** The time of day, to the minute, for texts such as `5 minutes ago`. */
export const clock = {
  get now(): number {
    return now
  },
}
