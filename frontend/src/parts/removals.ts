/** Removals that can still be taken back. */

export const UNDO_MS = 6_000;

interface Waiting {
  timer: ReturnType<typeof setTimeout>;
  send: () => void;
}

export class Removals {
  #waiting = new Map<string, Waiting>();

  /** Sends after a while, unless it is taken back before. */
  add(id: string, send: () => void, afterMs = UNDO_MS): void {
    this.#finish(id);
    this.#waiting.set(id, { send, timer: setTimeout(() => this.#finish(id), afterMs) });
  }

  /** Whether there was something to take back. */
  undo(id: string): boolean {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    return this.#waiting.delete(id);
  }

  /** Sends everything now: the page is left. */
  flush(): void {
    for (const id of [...this.#waiting.keys()]) this.#finish(id);
  }

  #finish(id: string) {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.send();
  }
}
