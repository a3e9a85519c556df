/** Keeps the screen on until the returned function is called. Browsers drop the lock when the page is hidden. */
export function keepAwake(): () => void {
  if (!('wakeLock' in navigator)) return () => undefined
  let lock: WakeLockSentinel | undefined
  let stopped = false
  const request = async () => {
    if (document.visibilityState !== 'visible' || stopped) return
    lock = await navigator.wakeLock.request('screen').catch(() => undefined)
    if (stopped) await lock?.release()
  }
  void request()
  document.addEventListener('visibilitychange', request)
  return () => {
    stopped = true
    document.removeEventListener('visibilitychange', request)
    void lock?.release()
  }
}
