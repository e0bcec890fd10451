import { useRouter } from 'vue-router'
import { countUnsaved, logOut } from '@/session/log-in'
import { t } from '@/text'
import { choose } from '@/ui/confirm'

/** Returns a function that logs out, and first asks what to do with unsent changes and drafts. */
export function useLogOut(): () => Promise<void> {
  const router = useRouter()
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
    await logOut(choice !== 'otherwise')
    await router.replace('/login')
  }
}
