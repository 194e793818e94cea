import type { Field } from "../fields";

/** What every part of the builder knows; it comes through react-querybuilder's `context`. */
export interface Surroundings {
  fields: readonly Field[];
  currency: string;
  /** What is wrong with a part, by its id. */
  messages: ReadonlyMap<string, string>;
  /** The part that was just added: it takes the focus. */
  fresh: { id: string | null };
}

export const addButtonId = (groupId: string | undefined): string => `add-condition-${groupId}`;

/** After something was removed the focus stays near it. */
export function focusLater(elementId: string): void {
  requestAnimationFrame(() => document.getElementById(elementId)?.focus());
}
