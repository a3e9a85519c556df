import { t } from '../i18n/i18n.svelte'
import { toast } from './notices.svelte'

export async function copyLink(url: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(url)
    toast(t().lobby.copied)
  } catch {
    // No permission, or no clipboard on an insecure origin.
    toast(t().lobby.copyFailed)
  }
}
