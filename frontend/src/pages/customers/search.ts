import { hasConditions, type Rule, readRule } from "@/rules/rule";

/** What the addresses of these pages hold besides the path. */

export const SORTABLE = ["name", "email", "total_spend", "last_order_at", "created_at"] as const;
export type SortField = (typeof SORTABLE)[number];
/** A - before it: the greatest first. */
export type Sort = SortField | `-${SortField}`;
export const DEFAULT_SORT: Sort = "-created_at";

export interface CustomersSearch {
  q?: string;
  sort?: Sort;
  rules?: Rule;
}

export const TABS = ["timeline", "orders", "messages"] as const;
export type TabName = (typeof TABS)[number];

type Given = Record<string, unknown>;

/** Numbers in an address come as numbers. */
const text = (given: unknown): string | undefined =>
  (typeof given === "string" && given !== "") || typeof given === "number" ? String(given) : undefined;

function readSort(given: unknown): Sort | undefined {
  const sorts = SORTABLE.flatMap((field): Sort[] => [field, `-${field}`]);
  return sorts.find((sort) => sort === given && sort !== DEFAULT_SORT);
}

export function customersSearch(given: Given): CustomersSearch {
  const rules = readRule(given.rules);
  return {
    q: text(given.q),
    sort: readSort(given.sort),
    rules: rules && hasConditions(rules) ? rules : undefined,
  };
}

export const customerSearch = (given: Given): { tab?: TabName } => ({
  tab: TABS.find((tab) => tab === given.tab && tab !== "timeline"),
});
