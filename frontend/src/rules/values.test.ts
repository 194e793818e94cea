import { describe, expect, it } from "vitest";
import { lacks, many, pair, readNumber, told } from "./values";

describe("what a condition lacks", () => {
  it.each([
    ["", ">", "money", "Enter a number."],
    ["12", ">", "money", null],
    ["twelve", ">", "money", "“twelve” is not a number."],
    ["", "=", "text", "Enter a value."],
    ["  ", "contains", "text", "Enter a value."],
    ["", "<", "date", "Choose a date."],
    ["", "=", "yes-no", "Choose yes or no."],
    [false, "=", "yes-no", null],
    ["", "null", "text", null],
    [["10", ""], "between", "number", "Enter both values."],
    [["", "2026-01-02"], "between", "date", "Choose both dates."],
    [["20", "10"], "between", "number", "The first number is above the second."],
    [["9", "10"], "between", "number", null],
    [["2026-02-01", "2026-01-01"], "between", "date", "The first date is after the second."],
    [["b", "a"], "between", "text", null],
    [[], "in", "text", "Add at least one value."],
    [["Pune"], "in", "text", null],
    [[1, "x"], "in", "number", "“x” is not a number."],
  ] as const)("%j %s as %s: %s", (value, operator, kind, missing) => {
    expect(lacks(value, operator, kind)).toBe(missing);
  });
});

describe("what the API is told", () => {
  it("tells numbers as numbers, texts as they stand", () => {
    expect(told("1,200.50", ">", "money")).toBe(1200.5);
    expect(told("007", "=", "text")).toBe("007");
  });
  it("tells yes and no", () => {
    expect(told("true", "=", "yes-no")).toBe(true);
    expect(told(false, "=", "yes-no")).toBe(false);
  });
  it("tells no value where none is asked for", () => {
    expect(told("left over", "null", "text")).toBeUndefined();
  });
  it("makes one of several, and several of one, when the comparison changes", () => {
    expect(told(["Pune", "Delhi"], "=", "text")).toBe("Pune");
    expect(told("Pune", "in", "text")).toEqual(["Pune"]);
    expect(told("5", "between", "number")).toEqual([5, ""]);
  });
});

describe("several values", () => {
  it("are split at commas, but not at those that are meant", () => {
    expect(many("Pune, Delhi,, St\\, Louis ")).toEqual(["Pune", "Delhi", "St, Louis"]);
  });
  it("are there once each", () => {
    expect(many(["a", "b", "a", "", null])).toEqual(["a", "b"]);
  });
  it("are two for a range, whatever was there", () => {
    expect(pair("7")).toEqual(["7", ""]);
    expect(pair(["1", "2", "3"])).toEqual(["1", "2"]);
  });
});

describe("numbers as people type them", () => {
  it("may have separators", () => {
    expect(readNumber(" 12 500.5 ")).toBe(12500.5);
    expect(readNumber("1,00,000")).toBe(100000);
  });
  it("are not made of nothing or of words", () => {
    expect(readNumber("")).toBeNaN();
    expect(readNumber("ten")).toBeNaN();
  });
});
