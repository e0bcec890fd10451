/** Reads reports and subscriptions, and requests them. */

import { type InfiniteData, useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { computed, onScopeDispose } from 'vue'
import { type ReportFile, parseReport } from './report'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { components } from '@/api/schema'
import type { Page, Report, ReportSubscription } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { onMessage } from '@/live/socket'
import { knownProject, projectName } from '@/projects/projects'
import { timeZone } from '@/session/session'
import { language, t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

export type NewReport = components['schemas']['NewReport']
export type NewSubscription = components['schemas']['NewReportSubscription']

const POLL_MS = 2_000
/** Links to files are valid for 15 minutes. */
const LINK_MS = 10 * 60_000

export const isUnfinished = ({ status }: Report): boolean => status === 'queued' || status === 'running'

/** Reads the reports of the person, newest first, and again while some are being made. */
export function useReports() {
  const result = useInfiniteQuery({
    queryKey: keys.reports,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }): Promise<Page<Report>> =>
      ask(api.GET('/v1/reports', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchOnMount: 'always',
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some(isUnfinished)) ? POLL_MS : LINK_MS),
  })
  const reports = computed(() => result.data.value?.pages.flatMap((page) => page.items) ?? [])
  onScopeDispose(
    onMessage((message) => {
      const { notification } = message as { notification?: { kind?: string } }
      if (notification?.kind === 'report_ready') void queryClient.invalidateQueries({ queryKey: keys.reports })
    }),
  )
  return { ...result, reports }
}

/** Reads one report. */
export function useReport(id: () => string) {
  return useQuery({
    queryKey: computed(() => [...keys.reports, id()]),
    queryFn: ({ signal }): Promise<Report> => ask(api.GET('/v1/reports/{id}', { params: { path: { id: id() } }, signal })),
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data && isUnfinished(state.data) ? POLL_MS : false),
  })
}

/** Requests a report, and shows it in the list. */
export async function requestReport(body: NewReport): Promise<void> {
  const header = { 'Idempotency-Key': crypto.randomUUID() }
  const report: Report = await ask(api.POST('/v1/reports', { body, params: { header } }))
  queryClient.setQueryData<InfiniteData<Page<Report>>>(keys.reports, (known) => {
    const [first, ...rest] = known?.pages ?? []
    return known && first ? { ...known, pages: [{ ...first, items: [report, ...first.items] }, ...rest] } : known
  })
  void queryClient.invalidateQueries({ queryKey: keys.reports })
  showToast({ text: t('reports-requested') })
}

/** Reads the file of a report, or returns `null` if it is too large: only its link downloads it then. */
async function readFile({ id }: Report): Promise<{ file: Blob; name: string } | null> {
  const answer = api.GET('/v1/reports/{id}/file', { params: { path: { id } }, parseAs: 'blob' })
  try {
    // The document says only that it is a file.
    const file = (await ask<unknown>(answer)) as Blob
    const { headers } = (await answer).response
    const [, name = 'report'] = /filename="(.+)"/.exec(headers.get('Content-Disposition') ?? '') ?? []
    return { file, name }
  } catch (error) {
    if (error instanceof Problem && error.code === 'report_file_too_large') return null
    throw error
  }
}

/** Saves the file of a report. */
export async function download(report: Report): Promise<void> {
  try {
    const found = await readFile(report)
    if (found) save(URL.createObjectURL(found.file), found.name)
    else await follow(report)
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: keys.reports })
    showToast({ text: sentenceOf(error), kind: 'error' })
  }
}

function save(address: string, name: string): void {
  Object.assign(document.createElement('a'), { href: address, download: name }).click()
  // The browser has begun to save it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** Opens the link to the file of a report. It is asked for anew: the shown one may have expired. */
async function follow({ id }: Report): Promise<void> {
  const { download_url } = await ask(api.GET('/v1/reports/{id}', { params: { path: { id } } }))
  if (download_url) location.assign(download_url)
}

/** Reads the content of a report in JSON, or `null` if the file is too large. */
export async function readReport(report: Report): Promise<ReportFile | null> {
  const found = await readFile(report)
  return found && (parseReport(await found.file.text()) ?? null)
}

/** Reads the subscriptions of the person. */
export function useSubscriptions() {
  return useQuery({
    queryKey: keys.subscriptions,
    queryFn: async () => (await ask(api.GET('/v1/report-subscriptions', { params: { query: { limit: 200 } } }))).items,
  })
}

/** Subscribes to a weekly report. */
export async function subscribe(body: NewSubscription): Promise<void> {
  const header = { 'Idempotency-Key': crypto.randomUUID() }
  const made: ReportSubscription = await ask(api.POST('/v1/report-subscriptions', { body, params: { header } }))
  queryClient.setQueryData<ReportSubscription[]>(keys.subscriptions, (list) => [...(list ?? []), made])
  showToast({ text: t('reports-subscribed') })
}

/** Ends a subscription at once, and takes that back if the API refuses. */
export async function unsubscribe(subscription: ReportSubscription): Promise<void> {
  await queryClient.cancelQueries({ queryKey: keys.subscriptions })
  queryClient.setQueryData<ReportSubscription[]>(keys.subscriptions, (list) => list?.filter(({ id }) => id !== subscription.id))
  try {
    await ask(api.DELETE('/v1/report-subscriptions/{id}', { params: { path: { id: subscription.id } } }))
    showToast({ text: t('reports-unsubscribed') })
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return
    void queryClient.invalidateQueries({ queryKey: keys.subscriptions })
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
  }
}

/** Returns the name of the project that something is about. */
export function projectOf(id: string | null | undefined): string {
  if (!id) return t('reports-project-any')
  const project = knownProject(id)
  return project ? projectName(project) : t('project')
}

/** Returns a period in words: its last day is the one before its end. */
export function periodOf({ from, to }: Pick<Report, 'from' | 'to'>): string {
  const format = new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeZone: timeZone.value })
  return t('reports-period', { from: format.format(new Date(from)), to: format.format(Date.parse(to) - 1) })
}

/** Returns the name under which a report is shown. */
export const reportName = (report: Report): string =>
  t('reports-name', { kind: t(`reports-kind-${report.kind}`), project: projectOf(report.project_id), period: periodOf(report) })
