/** Reads and changes the comments on a task. */

import { useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { allPages, api, ask, ifMatch } from '@/api/client'
import type { Comment } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { isUnsent } from '@/changes/change'
import { unsent } from '@/changes/queue'

const PAGE = 200

/** Reads all comments, oldest first. `waiting` are those that the server does not have yet. */
export function useComments(taskId: MaybeRefOrGetter<string>) {
  const result = useQuery({
    queryKey: computed(() => keys.comments(toValue(taskId))),
    enabled: computed(() => !isUnsent(toValue(taskId))),
    queryFn: async ({ signal }) => {
      const id = toValue(taskId)
      return allPages<Comment>((cursor) => {
        const params = { path: { id }, query: { limit: PAGE, cursor } }
        return ask(api.GET('/v1/tasks/{id}/comments', { params, signal }))
      })
    },
  })
  const waiting = computed(() =>
    unsent.value.flatMap((change) =>
      change.kind === 'create-comment' && change.taskId === toValue(taskId) && !change.held ? [change] : [],
    ),
  )
  return { ...result, waiting }
}

function show(comment: Comment, next: Comment | undefined): void {
  queryClient.setQueryData<Comment[]>(keys.comments(comment.task_id), (comments) =>
    comments?.flatMap((one) => (one.id === comment.id ? (next ?? []) : one)),
  )
}

/** Runs a change of a comment that is already shown, and takes it back if it fails. */
async function tried(comment: Comment, next: Comment | undefined, change: () => Promise<Comment | undefined>): Promise<void> {
  const before = queryClient.getQueryData<Comment[]>(keys.comments(comment.task_id))
  show(comment, next)
  try {
    const changed = await change()
    if (changed) show(comment, changed)
    void queryClient.invalidateQueries({ queryKey: keys.activity(comment.task_id) })
  } catch (error) {
    queryClient.setQueryData(keys.comments(comment.task_id), before)
    void queryClient.invalidateQueries({ queryKey: keys.comments(comment.task_id) })
    throw error
  }
}

/** Changes the text of a comment. */
export const changeComment = (comment: Comment, body: string): Promise<void> =>
  tried(comment, { ...comment, body }, () => {
    const params = { path: { id: comment.id }, header: ifMatch(comment.version) }
    return ask(api.PATCH('/v1/comments/{id}', { params, body: { body } }))
  })

/** Deletes a comment. */
export const deleteComment = (comment: Comment): Promise<void> =>
  tried(comment, undefined, async () => {
    await ask(api.DELETE('/v1/comments/{id}', { params: { path: { id: comment.id } } }))
    return undefined
  })
