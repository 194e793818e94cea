/** What the assistant's process answers; see src/xencrm/assistant/conversation.py. */

export interface Fact {
  label: string;
  value: string;
}

export interface Card {
  title: string;
  action: string;
  facts: Fact[];
  texts: Fact[];
  state: "waiting" | "doing" | "done" | "declined" | "failed";
  outcome: string;
  link: string | null;
}

export interface Item {
  id: string;
  kind: "person" | "assistant" | "looked" | "card" | "trouble";
  text: string;
  stopped: boolean;
  card: Card | null;
}

export type Told =
  | { event: "item"; data: Item }
  | { event: "delta"; data: { id: string; text: string } }
  | { event: "end"; data: unknown };

/** The conversation after something more was told. */
export function continued(items: readonly Item[], told: Told): Item[] {
  if (told.event === "end") return [...items];
  const at = items.findIndex(({ id }) => id === told.data.id);
  if (told.event === "item") return at === -1 ? [...items, told.data] : items.with(at, told.data);
  const item = items[at];
  return item ? items.with(at, { ...item, text: item.text + told.data.text }) : [...items];
}

/** What was being said when it was stopped is marked so. */
export function stopped(items: readonly Item[]): Item[] {
  const last = items.at(-1);
  return last?.kind === "assistant" ? items.with(-1, { ...last, stopped: true }) : [...items];
}

/** Whether something is being done just now, here or in another window. */
export const isUnderWay = (items: readonly Item[] | null): boolean =>
  items?.some(({ card }) => card?.state === "doing") ?? false;

/** Whether something has been done between the one and the other. */
export function isMoreDone(before: readonly Item[], after: readonly Item[]): boolean {
  const done = new Set(before.filter(({ card }) => card?.state === "done").map(({ id }) => id));
  return after.some(({ id, card }) => card?.state === "done" && !done.has(id));
}

/** What somebody who does not see the conversation is told of where it stands. */
export function statusOf(items: readonly Item[], busy: boolean): string {
  const inState = (state: Card["state"]) =>
    items.flatMap(({ card }) => (card?.state === state ? [card.title] : []));
  const doing = inState("doing");
  if (doing.length > 0) return `Under way: ${doing.join(", ")}`;
  if (busy) return "Thinking…";
  const waiting = inState("waiting");
  if (waiting.length > 1) return `${waiting.length} wait for your decision: ${waiting.join(", ")}`;
  return waiting.length === 1 ? `Waiting for your decision: ${waiting[0]}` : "";
}
