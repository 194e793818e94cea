import type { Counters, MessageState, Stats } from "./model";

/** How far a campaign is, in numbers. Pure. */

/** The eight states that add up to the audience, in the order of the bar. */
export const STATES = [
  "DELIVERED",
  "SENT",
  "SENDING",
  "PENDING",
  "UNCONFIRMED",
  "FAILED",
  "SKIPPED",
  "CANCELLED",
] as const satisfies readonly MessageState[];

export type CountedState = (typeof STATES)[number];

export interface Part {
  state: CountedState;
  value: number;
  /** Of the audience, in percent. */
  share: number;
}

const FIELD: Record<CountedState, keyof Counters> = {
  DELIVERED: "delivered",
  SENT: "sent",
  SENDING: "sending",
  PENDING: "pending",
  UNCONFIRMED: "unconfirmed",
  FAILED: "failed",
  SKIPPED: "skipped",
  CANCELLED: "cancelled",
};

export const shareOf = (part: number, whole: number): number => (whole === 0 ? 0 : (part / whole) * 100);

export function parts(counters: Counters): Part[] {
  return STATES.map((state) => {
    const value = counters[FIELD[state]];
    return { state, value, share: shareOf(value, counters.audience) };
  });
}

/** Messages that no longer wait and are not on their way out. */
export const handled = (counters: Counters): number =>
  counters.audience - counters.pending - counters.sending;

/** Whole percents; 100 only when nothing waits. */
export function percentDone(counters: Counters): number {
  if (counters.audience === 0) return 0;
  return Math.floor(shareOf(handled(counters), counters.audience));
}

export interface FunnelStep {
  key: "audience" | "sent" | "delivered" | "opened" | "clicked" | "orders";
  label: string;
  value: number;
  /** Of the audience, in percent. */
  share: number;
  /** Of the step before that counts the same people, in percent; null for the first. */
  ofBefore: number | null;
}

/** Messages that a vendor was given. */
export const handedOver = (counters: Counters): number =>
  counters.sent + counters.delivered + counters.failed;

/** What became of the audience; opens and clicks only where they are known. */
export function funnel(stats: Stats): FunnelStep[] {
  const reached = stats.delivered + stats.sent;
  const given: [FunnelStep["key"], string, number, number | null][] = [
    ["audience", "Audience", stats.audience, null],
    ["sent", "Sent", handedOver(stats), stats.audience],
    ["delivered", "Delivered", stats.delivered, handedOver(stats)],
  ];
  if (stats.opened !== null) given.push(["opened", "Opened", stats.opened, reached]);
  if (stats.clicked !== null) given.push(["clicked", "Clicked", stats.clicked, reached]);
  given.push(["orders", "Orders", stats.orders, reached]);
  return given.map(([key, label, value, before]) => ({
    key,
    label,
    value,
    share: shareOf(value, stats.audience),
    ofBefore: before === null || before === 0 ? null : shareOf(value, before),
  }));
}

/** A moment at which so many were handled. */
export interface Seen {
  at: number;
  handled: number;
}

const LEAST_WATCHED_MS = 3_000;

/** Seconds until nothing waits any more, by the pace since `first`; null while that cannot be told. */
export function secondsLeft(first: Seen, now: Seen, audience: number): number | null {
  const took = now.at - first.at;
  const done = now.handled - first.handled;
  if (took < LEAST_WATCHED_MS || done <= 0) return null;
  return ((audience - now.handled) / done) * (took / 1000);
}
