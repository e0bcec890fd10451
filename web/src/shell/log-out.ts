import { countUnsaved, logOut } from '@/session/log-in'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { choose } from '@/ui/confirm'
import { showToast } from '@/ui/toasts'

/** Returns a function that logs out, and first asks what to do with unsent changes and drafts. */
export function useLogOut(): () => Promise<void> {
  return async () => {
    const unsaved = countUnsaved()
    const choice =
      unsaved > 0 &&
      (await choose({
        title: t('log-out-keep', { count: unsaved }),
        text: t('log-out-keep-hint'),
        action: t('keep'),
        otherwise: t('delete'),
      }))
    if (choice === 'cancel') return
    try {
      await logOut(choice !== 'otherwise')
      location.replace('/login')
    } catch (error) {
      showToast({ text: sentenceOf(error), kind: 'error' })
    }
  }
}
