/**
 * Puts numbered messages in order: each is handed on once, and none before all with lower numbers.
 *
 * Both the changes of a project and a person's notifications are numbered without gaps.
 */
export class Sequence<T> {
  private readonly early = new Map<number, T>()

  /** `last` is the number up to which everything is known. */
  constructor(public last: number) {}

  /** Returns the messages that may be handed on now, in order. */
  take(n: number, message: T): T[] {
    if (n <= this.last) return []
    this.early.set(n, message)
    const ready: T[] = []
    for (;;) {
      const next = this.early.get(this.last + 1)
      if (next === undefined) return ready
      this.last += 1
      this.early.delete(this.last)
      ready.push(next)
    }
  }

  /** Whether messages came before others that are missing. */
  get hasGap(): boolean {
    return this.early.size > 0
  }
}
