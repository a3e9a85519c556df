import { errorCode } from '../api/client'
import { t } from '../i18n/i18n.svelte'
import { toast } from '../ui/notices.svelte'
import { failureText } from './words'

/** Does it, or says why not and offers to do it again. Whether it was done. */
export async function attempt(action: () => Promise<unknown>, failed: (why: string) => string): Promise<boolean> {
  try {
    await action()
    return true
  } catch (error) {
    const run = (): void => void attempt(action, failed)
    toast(failed(failureText(errorCode(error))), { action: { label: t().app.retry, run } })
    return false
  }
}
