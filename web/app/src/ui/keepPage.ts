/** A file that is dropped where nobody takes it does not replace the page: what one has written would be gone. */
export function keepPage(): void {
  for (const name of ['dragover', 'drop'] as const) {
    addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    })
  }
}
