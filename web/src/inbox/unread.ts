/** The number of unread notifications, from what the server says and what happens here. */

import { shallowRef } from 'vue'

/** The number of unread notifications in the inbox. */
export const unreadCount = shallowRef(0)

/** A number that the server sent soon after a change of ours may be from before it. */
const SETTLE_MS = 1_500

let includedUpTo = 0
let requests = 0
let changedAt = 0
let latest: number | undefined
let timer: ReturnType<typeof setTimeout> | undefined
let readAgain: () => void = () => undefined

/** Begins to count for a person. `onDifference` is called if the server has another number than is shown. */
export function startCounting(count: number, onDifference: () => void): void {
  clearTimeout(timer)
  unreadCount.value = count
  includedUpTo = 0
  readAgain = onDifference
}

/** Takes a number that was read together with the notifications up to `seq`. */
export function readCount(count: number, seq: number): void {
  if (isSettling()) return heardCount(count)
  unreadCount.value = count
  includedUpTo = Math.max(includedUpTo, seq)
}

/** Takes a number from a message. If it is another than the shown one, the list is read again. */
export function heardCount(count: number): void {
  latest = count
  clearTimeout(timer)
  if (isSettling()) timer = setTimeout(() => heardCount(count), SETTLE_MS)
  else if (latest !== unreadCount.value) {
    unreadCount.value = latest
    readAgain()
  }
}

/** Counts a new notification, unless the number that was read includes it. */
export function countNew(seq: number): void {
  if (seq > includedUpTo) unreadCount.value += 1
}

/** Adds to the number at once, for a change that is on its way to the server. */
export function countChanged(difference: number): void {
  unreadCount.value = Math.max(0, unreadCount.value + difference)
}

/** Runs a request that may change the number. */
export async function whileChanging<T>(request: () => Promise<T>): Promise<T> {
  requests += 1
  try {
    return await request()
  } finally {
    requests -= 1
    changedAt = Date.now()
  }
}

const isSettling = (): boolean => requests > 0 || Date.now() - changedAt < SETTLE_MS
