const DAY_MS = 24 * 60 * 60 * 1000
/** As many days the trash keeps things. */
const KEPT_DAYS = 30

/** Returns in how many days something goes for good; negative if its time is over. */
export function daysLeft(deletedAt: string, now = Date.now()): number {
  return Math.floor((Date.parse(deletedAt) + KEPT_DAYS * DAY_MS - now) / DAY_MS)
}
