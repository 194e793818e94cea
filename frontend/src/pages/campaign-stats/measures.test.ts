import { describe, expect, it } from "vitest";
import type { Numbers } from "@/campaigns/model";
import { chartOf, MEASURES, measured, sorted, total } from "./measures";

const numbers = (given: Partial<Numbers>): Numbers => ({
  campaign_id: given.name ?? "c",
  name: "Campaign",
  campaign_type: "PROMOTIONAL",
  vendor: "simulator",
  status: "COMPLETED",
  created_at: "2026-11-01T00:00:00Z",
  launched_at: "2026-11-01T00:00:00Z",
  finished_at: null,
  archived_at: null,
  audience: 0,
  holdout: 0,
  pending: 0,
  sending: 0,
  sent: 0,
  delivered: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
  unconfirmed: 0,
  delivery_rate: null,
  failures: [],
  opened: null,
  clicked: null,
  revenue: "0.00",
  orders: 0,
  lift: null,
  computed_at: null,
  ...given,
});

const diwali = numbers({
  name: "Diwali",
  delivered: 90,
  failed: 10,
  opened: 45,
  clicked: 9,
  revenue: "900.10",
});
const spring = numbers({ name: "Spring", delivered: 50, failed: 50, revenue: "100.20", orders: 2 });
const draft = numbers({ name: "Draft", launched_at: null });

describe("totals", () => {
  it("take rates of what is added up, not averages of rates", () => {
    const sums = total([diwali, spring, draft]);
    expect(sums.revenue).toBe(1000.3);
    expect(MEASURES.delivery.of(sums)).toBe(70);
  });

  it("take opens only of campaigns that count them", () => {
    expect(MEASURES.opened.of(total([diwali, spring]))).toBe(50);
    expect(MEASURES.opened.of(total([spring]))).toBeNull();
  });
});

describe("sorting", () => {
  it("puts what is not known last either way", () => {
    const names = (descending: boolean) =>
      sorted([draft, spring, diwali], "revenue", descending).map(({ name }) => name);
    expect(names(true)).toEqual(["Diwali", "Spring", "Draft"]);
    expect(names(false)).toEqual(["Spring", "Diwali", "Draft"]);
  });

  it("goes by name and by launch too", () => {
    expect(sorted([spring, diwali], "name", false)[0]?.name).toBe("Diwali");
    const later = numbers({ name: "Later", launched_at: "2026-11-09T00:00:00Z" });
    expect(sorted([draft, diwali, later], "launched", true).map(({ name }) => name)).toEqual([
      "Later",
      "Diwali",
      "Draft",
    ]);
  });
});

describe("the chart", () => {
  const lifted = (name: string, difference: string) =>
    numbers({
      name,
      lift: {
        treated_per_head: "0",
        control_per_head: "0",
        difference,
        low: "0",
        high: "0",
        treated: 2,
        control: 2,
      },
    });

  it("has bars from zero, the longest first, at most so many", () => {
    const { bars, zero } = chartOf([spring, diwali, draft], "revenue", 1);
    expect(zero).toBe(0);
    expect(bars.map(({ numbers: { name }, from, to }) => [name, from, to])).toEqual([["Diwali", 0, 100]]);
  });

  it("lets what is below zero go the other way", () => {
    const { bars, zero } = chartOf([lifted("Good", "30"), lifted("Bad", "-10")], "lift", 10);
    expect(zero).toBe(25);
    expect(bars.map(({ from, to }) => [from, to])).toEqual([
      [25, 100],
      [0, 25],
    ]);
  });

  it("leaves out what is not known", () => {
    expect(chartOf([draft, spring], "opened", 10).bars).toEqual([]);
    expect(measured(draft, "revenue")).toBeNull();
  });
});
