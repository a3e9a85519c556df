import { t } from '../i18n/i18n.svelte'
import type { CallNotice } from './room.svelte'

export function noticeText(notice: CallNotice): string {
  const texts = t().call
  switch (notice.kind) {
    case 'joined':
      return texts.joined(notice.name)
    case 'left':
      if (notice.reason === 'removed') return texts.removed(notice.name)
      return notice.reason === 'lost' ? texts.lost(notice.name) : texts.left(notice.name)
    case 'sharing':
      return texts.startedSharing(notice.name)
    case 'mutedByHost':
      return texts.mutedByHost
    case 'locked':
      return notice.locked ? texts.locked : texts.unlocked
    case 'deviceChanged':
      return texts.deviceChanged(notice.label)
    case 'message':
      return texts.newMessage(notice.line.name, notice.line.text)
    case 'back':
      return texts.back
    case 'failed':
      return failureOf(notice.what, notice.error?.code)
  }
}

function failureOf(what: 'screen' | 'other', code: string | undefined): string {
  const { permission, call, lobby } = t()
  switch (code) {
    case 'permission_denied':
      return `${permission.denied('both')}. ${permission.deniedHelp}`
    case 'device_not_found':
      return permission.missing('both')
    case 'device_busy':
      return permission.busy('both')
    case 'insecure_context':
      return permission.insecure
    case 'unsupported':
      return call.notSupported
    case 'rate_limited':
      return lobby.rateLimited
    default:
      return what === 'screen' ? call.screenFailed : call.operationFailed
  }
}
