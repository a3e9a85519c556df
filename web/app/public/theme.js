// Runs before the first paint. Kept in step with src/ui/theme.svelte.ts.
try {
  const theme = JSON.parse(localStorage.getItem('confab.theme') || 'null')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // No storage: the system's theme it is.
}
