import type { Lift, Numbers } from "@/campaigns/model";

/** What campaigns are compared by. Pure. */

/** What is added up of a campaign, or of several. */
export interface Sums {
  audience: number;
  delivered: number;
  sent: number;
  failed: number;
  /** Of the campaigns that are tracked: whom they reached, and who opened and clicked. */
  watched: number;
  opened: number;
  clicked: number;
  orders: number;
  revenue: number;
}

export function sumsOf(numbers: Numbers): Sums {
  const watched = numbers.opened !== null;
  return {
    audience: numbers.audience,
    delivered: numbers.delivered,
    sent: numbers.sent,
    failed: numbers.failed,
    watched: watched ? numbers.delivered + numbers.sent : 0,
    opened: numbers.opened ?? 0,
    clicked: numbers.clicked ?? 0,
    orders: numbers.orders,
    revenue: Number(numbers.revenue),
  };
}

export function total(all: Numbers[]): Sums {
  const sums: Sums = {
    audience: 0,
    delivered: 0,
    sent: 0,
    failed: 0,
    watched: 0,
    opened: 0,
    clicked: 0,
    orders: 0,
    revenue: 0,
  };
  for (const each of all.map(sumsOf)) {
    for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += each[key];
  }
  return { ...sums, revenue: Math.round(sums.revenue * 100) / 100 };
}

export type Kind = "count" | "percent" | "money";

export interface Measure {
  key: MeasureKey;
  label: string;
  kind: Kind;
  /** null: it is not known. */
  of: (sums: Sums) => number | null;
}

export const MEASURE_KEYS = [
  "revenue",
  "perPerson",
  "orders",
  "audience",
  "delivery",
  "failed",
  "opened",
  "clicked",
  "lift",
] as const;
export type MeasureKey = (typeof MEASURE_KEYS)[number];

const rate = (part: number, whole: number): number | null => (whole === 0 ? null : (part / whole) * 100);

/** Lift is a campaign's own: it cannot be added up. */
export const MEASURES: Record<MeasureKey, Measure> = {
  revenue: { key: "revenue", label: "Revenue", kind: "money", of: ({ revenue }) => revenue },
  perPerson: {
    key: "perPerson",
    label: "Per person",
    kind: "money",
    of: ({ revenue, delivered, sent }) => (delivered + sent === 0 ? null : revenue / (delivered + sent)),
  },
  orders: { key: "orders", label: "Orders", kind: "count", of: ({ orders }) => orders },
  audience: { key: "audience", label: "Audience", kind: "count", of: ({ audience }) => audience },
  delivery: {
    key: "delivery",
    label: "Delivered",
    kind: "percent",
    of: ({ delivered, failed }) => rate(delivered, delivered + failed),
  },
  failed: { key: "failed", label: "Failed", kind: "count", of: ({ failed }) => failed },
  opened: {
    key: "opened",
    label: "Opened",
    kind: "percent",
    of: ({ opened, watched }) => rate(opened, watched),
  },
  clicked: {
    key: "clicked",
    label: "Clicked",
    kind: "percent",
    of: ({ clicked, watched }) => rate(clicked, watched),
  },
  lift: { key: "lift", label: "Lift", kind: "money", of: () => null },
};

const liftPerPerson = (lift: Lift | null): number | null => (lift === null ? null : Number(lift.difference));

/** null where it is not known, also of what was never launched. */
export function measured(numbers: Numbers, key: MeasureKey): number | null {
  if (numbers.launched_at === null) return null;
  return key === "lift" ? liftPerPerson(numbers.lift) : MEASURES[key].of(sumsOf(numbers));
}

export type SortKey = MeasureKey | "name" | "launched";

/** What is not known comes last, whichever way it is sorted. */
export function sorted(all: Numbers[], key: SortKey, descending: boolean): Numbers[] {
  const sign = descending ? -1 : 1;
  const compare = (one: Numbers, other: Numbers): number => {
    if (key === "name") return sign * one.name.localeCompare(other.name);
    const [a, b] = [sortable(one, key), sortable(other, key)];
    if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
    return sign * (a - b);
  };
  return [...all].sort((one, other) => compare(one, other) || other.created_at.localeCompare(one.created_at));
}

function sortable(numbers: Numbers, key: Exclude<SortKey, "name">): number | null {
  if (key !== "launched") return measured(numbers, key);
  return numbers.launched_at === null ? null : Date.parse(numbers.launched_at);
}

export interface ChartBar {
  numbers: Numbers;
  value: number;
  /** From where to where, in percent of the width; the zero lies within. */
  from: number;
  to: number;
}

export interface Chart {
  bars: ChartBar[];
  zero: number;
}

/** The best by a measure, as bars that start at zero; those below it go the other way. */
export function chartOf(all: Numbers[], key: MeasureKey, most: number): Chart {
  const known = all
    .map((numbers) => ({ numbers, value: measured(numbers, key) }))
    .filter((each): each is { numbers: Numbers; value: number } => each.value !== null)
    .sort((one, other) => other.value - one.value)
    .slice(0, most);
  const values = known.map(({ value }) => value);
  const high = Math.max(0, ...values);
  const low = Math.min(0, ...values);
  const width = high - low || 1;
  const place = (value: number) => ((value - low) / width) * 100;
  return {
    zero: place(0),
    bars: known.map(({ numbers, value }) => ({
      numbers,
      value,
      from: Math.min(place(0), place(value)),
      to: Math.max(place(0), place(value)),
    })),
  };
}
