import type { MessageState, Status } from "@/campaigns/model";
import { STATES } from "@/campaigns/progress";

/** What the addresses of these pages hold besides the path. */

export type View = "all" | "archived" | Status;

export const VIEWS: { value: View; label: string }[] = [
  { value: "all", label: "All" },
  { value: "DRAFT", label: "Drafts" },
  { value: "SCHEDULED", label: "Scheduled" },
  { value: "RUNNING", label: "Running" },
  { value: "PAUSED", label: "Paused" },
  { value: "COMPLETED", label: "Completed" },
  { value: "CANCELLED", label: "Cancelled" },
  { value: "archived", label: "Archived" },
];

export interface ListSearch {
  view?: View;
  q?: string;
}

export const STEPS = ["audience", "message", "delivery", "review"] as const;
export type StepName = (typeof STEPS)[number];

export interface NewSearch {
  /** The segment to start with. */
  segment?: string;
}

export interface EditSearch {
  step?: StepName;
  /** When it is to be sent, as clocks show it where the installation is: 2026-11-25T10:00. */
  at?: string;
}

export const TABS = ["overview", "messages", "setup"] as const;
export type TabName = (typeof TABS)[number];

export interface DetailSearch {
  tab?: TabName;
  state?: MessageState;
  q?: string;
  /** The message that is open. */
  message?: string;
}

type Given = Record<string, unknown>;

const oneOf = <T extends string>(values: readonly T[], given: unknown): T | undefined =>
  values.find((value) => value === given);

/** Numbers in an address come as numbers. */
const text = (given: unknown): string | undefined =>
  (typeof given === "string" && given !== "") || typeof given === "number" ? String(given) : undefined;

export const listSearch = (given: Given): ListSearch => ({
  view: oneOf(
    VIEWS.map(({ value }) => value),
    given.view,
  ),
  q: text(given.q),
});

export const newSearch = (given: Given): NewSearch => ({ segment: text(given.segment) });

const WALL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;

export const editSearch = (given: Given): EditSearch => {
  const at = text(given.at);
  return { step: oneOf(STEPS, given.step), at: at && WALL_TIME.test(at) ? at : undefined };
};

export const detailSearch = (given: Given): DetailSearch => ({
  tab: oneOf(TABS, given.tab),
  state: oneOf([...STATES, "HOLDOUT"] as const, given.state),
  q: text(given.q),
  message: text(given.message),
});
