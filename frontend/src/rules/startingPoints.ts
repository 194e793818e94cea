import type { Rule } from "./rule";

/** A ready rule to begin with. */
export interface StartingPoint {
  name: string;
  description: string;
  rules: Rule;
}

/** What is a lot of money for one customer, for currencies whose unit is far from a euro. */
const BY_CURRENCY: Record<string, number> = {
  INR: 10_000,
  JPY: 50_000,
  KRW: 500_000,
  IDR: 5_000_000,
  VND: 10_000_000,
  NGN: 200_000,
  PKR: 50_000,
  RUB: 30_000,
  PHP: 20_000,
  THB: 15_000,
  MXN: 8_000,
};

export const aLot = (currency: string): number => BY_CURRENCY[currency] ?? 500;

export function startingPoints(currency: string): StartingPoint[] {
  return [
    {
      name: "Lapsed big spenders",
      description: "Spent a lot, and have not ordered for three months",
      rules: {
        combinator: "and",
        rules: [
          { field: "total_spend", operator: ">", value: aLot(currency) },
          { field: "days_since_last_order", operator: ">=", value: 90 },
        ],
      },
    },
    {
      name: "New customers",
      description: "Placed their first order within the last 30 days",
      rules: {
        combinator: "and",
        rules: [
          { field: "total_orders", operator: "=", value: 1 },
          { field: "days_since_last_order", operator: "<=", value: 30 },
        ],
      },
    },
    {
      name: "One-time buyers",
      description: "Ordered once, more than 60 days ago",
      rules: {
        combinator: "and",
        rules: [
          { field: "total_orders", operator: "=", value: 1 },
          { field: "days_since_last_order", operator: ">", value: 60 },
        ],
      },
    },
    {
      name: "Never bought",
      description: "Are known, and have not ordered yet",
      rules: { combinator: "and", rules: [{ field: "total_orders", operator: "=", value: 0 }] },
    },
  ];
}
