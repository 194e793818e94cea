import { describe, expect, it } from "vitest";
import { daysAhead, daysToMonday, momentOf, wallTime } from "./zone";

describe("times of a time zone", () => {
  it("become moments, and moments times", () => {
    expect(momentOf("2026-11-25T10:00", "Asia/Kolkata").toISOString()).toBe("2026-11-25T04:30:00.000Z");
    expect(wallTime("2026-11-25T04:30:00Z", "Asia/Kolkata")).toBe("2026-11-25T10:00");
    expect(momentOf("2026-11-25T10:00", "UTC").toISOString()).toBe("2026-11-25T10:00:00.000Z");
  });

  it("follow summer time on both sides of a change", () => {
    for (const wall of ["2026-03-08T00:30", "2026-03-08T12:00", "2026-11-01T00:30", "2026-11-01T12:00"]) {
      expect(wallTime(momentOf(wall, "America/New_York"), "America/New_York")).toBe(wall);
    }
  });

  it("have a moment also when summer time leaves them out", () => {
    expect(momentOf("2026-03-08T02:30", "America/New_York").getTime()).not.toBeNaN();
  });

  it("count days by that zone's calendar", () => {
    const late = new Date("2026-11-23T20:00:00Z");
    expect(daysAhead(1, 9, "Asia/Kolkata", late)).toBe("2026-11-25T09:00");
    expect(daysAhead(1, 9, "UTC", late)).toBe("2026-11-24T09:00");
    expect(daysToMonday("UTC", late)).toBe(7);
    expect(daysToMonday("Asia/Kolkata", late)).toBe(6);
  });
});
