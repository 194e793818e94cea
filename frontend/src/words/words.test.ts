import { describe, expect, it } from "vitest";
import { label } from "./labels";
import { money, shortMoney } from "./money";
import { changePercent, count, percent, plural } from "./numbers";
import { ago, dayName, duration, exactTime } from "./times";

describe("numbers", () => {
  it("groups thousands and rounds to whole ones", () => {
    expect(count(1234567)).toBe("1,234,567");
  });
  it("says percent as the API does, with one digit", () => {
    expect(percent(93.54)).toBe("93.5%");
    expect(percent(100)).toBe("100%");
  });
  it("knows one from many", () => {
    expect(plural(1, "order")).toBe("1 order");
    expect(plural(0, "person", "people")).toBe("0 people");
  });
  it("has no change against nothing", () => {
    expect(changePercent(5, 0)).toBeNull();
    expect(changePercent(150, 100)).toBe(50);
    expect(changePercent(50, 100)).toBe(-50);
  });
});

describe("money", () => {
  it("keeps every digit of the largest amount", () => {
    expect(money("9999999999.99", "USD")).toBe("$9,999,999,999.99");
  });
  it("leaves out cents of whole amounts only", () => {
    expect(money("12.00", "EUR")).toBe("€12");
    expect(money("12.50", "EUR")).toBe("€12.50");
  });
  it("is short for tiles", () => {
    expect(shortMoney("1234567.89", "INR")).toBe("₹1.2M");
  });
  it("shows what was given back", () => {
    expect(money("-3.10", "GBP")).toBe("-£3.10");
  });
});

describe("times", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  it.each([
    ["2026-11-23T11:59:30Z", "just now"],
    ["2026-11-23T12:00:30Z", "in a moment"],
    ["2026-11-23T11:57:00Z", "3 minutes ago"],
    ["2026-11-23T14:10:00Z", "in 2 hours"],
    ["2026-11-22T11:00:00Z", "yesterday"],
    ["2026-11-02T11:00:00Z", "3 weeks ago"],
    ["2025-11-02T11:00:00Z", "last year"],
  ])("%s is %s", (time, words) => {
    expect(ago(time, now)).toBe(words);
  });
  it("is exact in the installation's time zone", () => {
    expect(exactTime("2026-11-23T20:00:05Z", "Asia/Kolkata")).toMatch(/24.*2026.*0?1:30:05/);
  });
  it("names a day as it is, whatever the time zone of the browser", () => {
    expect(dayName("2026-01-01")).toMatch(/^(1 Jan|Jan 1)$/);
  });
  it("measures", () => {
    expect([0.44, 12, 180, 7200, 200_000].map(duration)).toEqual(["0.4 s", "12 s", "3 min", "2 h", "2 d"]);
  });
});

describe("labels", () => {
  it("turns codes into words", () => {
    expect(label("TEMPORARY_FAILURE")).toBe("Temporary failure");
    expect(label("UNCONFIRMED")).toBe("Not confirmed");
    expect(label("sign-in")).toBe("Sign in");
  });
});
