import { describe, expect, it } from "vitest";
import { liftInWords, liftOnALine } from "./lift";
import { type Lift, may, type Stats } from "./model";
import { funnel, parts, percentDone, secondsLeft } from "./progress";
import { reasonMeaning, reasonName } from "./reasons";

const stats = (given: Partial<Stats>): Stats => ({
  status: "RUNNING",
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
  links: [],
  ...given,
});

const lift = (low: string, difference: string, high: string): Lift => ({
  treated_per_head: "120.000000",
  control_per_head: "100.000000",
  difference,
  low,
  high,
  treated: 950,
  control: 50,
});

const rupees = (value: string | number) => `₹${value}`;

describe("what may be done to a campaign", () => {
  it("follows its state", () => {
    expect(may("pause", { status: "RUNNING", archived_at: null })).toBe(true);
    expect(may("pause", { status: "PAUSED", archived_at: null })).toBe(false);
    expect(may("correct", { status: "PAUSED", archived_at: null })).toBe(true);
    expect(may("archive", { status: "RUNNING", archived_at: null })).toBe(false);
  });

  it("is duplicating only, once it is archived", () => {
    const archived = { status: "DRAFT", archived_at: "2026-01-01T00:00:00Z" } as const;
    expect(may("edit", archived)).toBe(false);
    expect(may("duplicate", archived)).toBe(true);
  });
});

describe("progress", () => {
  it("has all eight states, which add up to the audience", () => {
    const counted = parts(stats({ audience: 10, delivered: 6, failed: 1, pending: 2, skipped: 1 }));
    expect(counted).toHaveLength(8);
    expect(counted.reduce((sum, part) => sum + part.value, 0)).toBe(10);
    expect(counted[0]).toEqual({ state: "DELIVERED", value: 6, share: 60 });
  });

  it("is 100 percent only when nothing waits", () => {
    expect(percentDone(stats({ audience: 1000, delivered: 999, pending: 1 }))).toBe(99);
    expect(percentDone(stats({ audience: 1000, delivered: 1000 }))).toBe(100);
    expect(percentDone(stats({}))).toBe(0);
  });

  it("tells the time left by the pace that was seen", () => {
    const first = { at: 0, handled: 100 };
    expect(secondsLeft(first, { at: 5_000, handled: 600 }, 1600)).toBe(10);
    expect(secondsLeft(first, { at: 1_000, handled: 600 }, 1600)).toBeNull();
    expect(secondsLeft(first, { at: 5_000, handled: 100 }, 1600)).toBeNull();
  });
});

describe("the funnel", () => {
  it("leaves out opens and clicks where they are not known", () => {
    const steps = funnel(stats({ audience: 200, delivered: 150, failed: 30, pending: 20, orders: 15 }));
    expect(steps.map(({ key }) => key)).toEqual(["audience", "sent", "delivered", "orders"]);
    expect(steps[1]).toMatchObject({ value: 180, share: 90, ofBefore: 90 });
    expect(steps[3]).toMatchObject({ value: 15, ofBefore: 10 });
  });

  it("takes opens and clicks of what was delivered", () => {
    const steps = funnel(stats({ audience: 100, delivered: 80, opened: 40, clicked: 8 }));
    expect(steps.find(({ key }) => key === "clicked")).toMatchObject({ value: 8, ofBefore: 10 });
  });

  it("survives an audience of nobody", () => {
    expect(funnel(stats({})).every(({ share }) => share === 0)).toBe(true);
  });
});

describe("lift in words", () => {
  it("claims a gain only when the whole interval is above zero", () => {
    expect(liftInWords(lift("4", "20", "36"), rupees)).toMatchObject({
      verdict: "more",
      headline: "₹20 more per person than without it",
    });
    expect(liftInWords(lift("-4", "20", "44"), rupees).verdict).toBe("unclear");
    expect(liftInWords(lift("-44", "-20", "-4"), rupees)).toMatchObject({
      verdict: "less",
      headline: "₹20 less per person than without it",
    });
  });

  it("has nothing to say before anybody has ordered", () => {
    const none = { ...lift("0", "0", "0"), treated_per_head: "0.000000", control_per_head: "0.000000" };
    expect(liftInWords(none, rupees).verdict).toBe("none");
  });

  it("has the zero and the interval on its line", () => {
    const line = liftOnALine(lift("4", "20", "36"));
    expect(line.zero).toBeLessThan(line.low);
    expect(line.low).toBeLessThan(line.difference);
    expect(line.high).toBeLessThan(100);
    expect(Number.isFinite(liftOnALine(lift("0", "0", "0")).zero)).toBe(true);
  });
});

describe("reasons", () => {
  it("are in words, also those of a vendor's own", () => {
    expect(reasonName("EMAIL_BOUNCED")).toBe("Bounced");
    expect(reasonMeaning("EMAIL_BOUNCED")).toContain("mailbox");
    expect(reasonName("GREY_LISTED")).toBe("Grey listed");
    expect(reasonMeaning("GREY_LISTED")).toBeUndefined();
  });
});
