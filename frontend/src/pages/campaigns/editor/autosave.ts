/** Saves what was changed a moment after the last change, one request at a time. */

export type SaveState = "saved" | "waiting" | "saving" | "failed";

export interface Saving {
  state: SaveState;
  /** Why it could not be saved. */
  error: unknown;
}

export class Autosave<Fields extends object> {
  #pending: Partial<Fields> = {};
  #underWay: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Saving = { state: "saved", error: null };
  #watchers = new Set<() => void>();
  #save: (changes: Partial<Fields>) => Promise<unknown>;
  #waitMs: number;

  constructor(save: (changes: Partial<Fields>) => Promise<unknown>, waitMs = 700) {
    this.#save = save;
    this.#waitMs = waitMs;
  }

  /** The same object until something changes. */
  read = (): Saving => this.#saving;

  watch = (act: () => void): (() => void) => {
    this.#watchers.add(act);
    return () => this.#watchers.delete(act);
  };

  get isSaved(): boolean {
    return this.#saving.state === "saved";
  }

  change(changes: Partial<Fields>): void {
    this.#pending = { ...this.#pending, ...changes };
    if (this.#underWay === null) this.#become("waiting");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), this.#waitMs);
  }

  /** Saves now what waits; whether everything is saved then. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    if (this.#underWay !== null) {
      await this.#underWay;
      if (this.#saving.state === "failed") return false;
    }
    if (Object.keys(this.#pending).length > 0) {
      this.#underWay = this.#send();
      await this.#underWay;
    }
    return this.isSaved;
  }

  async #send(): Promise<void> {
    const taken = this.#pending;
    this.#pending = {};
    this.#become("saving");
    try {
      await this.#save(taken);
      this.#become(Object.keys(this.#pending).length > 0 ? "waiting" : "saved");
    } catch (error) {
      this.#pending = { ...taken, ...this.#pending };
      this.#become("failed", error);
    } finally {
      this.#underWay = null;
    }
  }

  #become(state: SaveState, error: unknown = null): void {
    this.#saving = { state, error };
    for (const act of this.#watchers) act();
  }
}
