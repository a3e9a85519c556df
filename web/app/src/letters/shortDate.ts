/** When it was, as short as a list wants it: the time of today, the day of this year, or the whole date. */
export function shortDate(at: number, now: number, locale: string): string {
  const [then, today] = [new Date(at), new Date(now)]
  if (then.toDateString() === today.toDateString()) return format({ hour: '2-digit', minute: '2-digit' })
  if (then.getFullYear() === today.getFullYear()) return format({ day: 'numeric', month: 'short' })
  return format({ day: 'numeric', month: 'short', year: 'numeric' })

  function format(parts: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(locale, parts).format(then)
  }
}
