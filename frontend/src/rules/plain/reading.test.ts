import { describe, expect, it } from "vitest";
import type { Field } from "../fields";
import {
  assistantsReadingOf,
  byRulesAlone,
  chipText,
  examples,
  isIncomplete,
  outcome,
  readingOf,
} from "./reading";

const RULES = { combinator: "and", rules: [{ field: "total_spend", operator: ">", value: 5000 }] };
const PART = { text: "spendt over 5k", words: "who have spent more than 5,000", path: "rules[0]" };
const NOTE = "took “spendt” as “spent”";

const city = (values: string[]): Field => ({
  name: "attributes.city",
  label: "city",
  kind: "attribute",
  operators: [],
  nullable: true,
  values,
  types: ["string"],
});

describe("what plain words were taken as", () => {
  const reading = readingOf({
    rules: RULES as never,
    words: "Customers who have spent more than 5,000.",
    understood: [{ ...PART, notes: [NOTE, NOTE] }],
    left_out: [{ text: "lovely", why: "not understood" }],
    hint: null,
  });

  it("is a rule, with each note once", () => {
    expect(reading.rule).toEqual(RULES);
    expect(reading.understood[0]?.notes).toEqual([NOTE]);
  });
  it("is told in a sentence", () => {
    expect(outcome(reading)).toBe("The rule has 1 part; 1 left out.");
    expect(outcome({ ...reading, leftOut: [] })).toBe("The rule has 1 part.");
  });
  it("is no rule where nothing was understood", () => {
    const nothing = readingOf({ rules: null, words: null, understood: [], left_out: [], hint: "Say" });
    expect(nothing).toEqual({ rule: null, understood: [], leftOut: [], hint: "Say", byAssistant: null });
    expect(outcome(nothing)).toBe("Nothing of this was understood.");
  });
  it("says in a chip only what is asked of people", () => {
    expect(chipText("who have spent more than 5,000")).toBe("have spent more than 5,000");
    expect(chipText("whose city is Pune")).toBe("whose city is Pune");
  });
});

describe("what the assistant took them as", () => {
  const ruled = { rules: RULES, words: "Customers who have spent more than 5,000." };

  it("says what it left out, of which it gives no reason", () => {
    const reading = assistantsReadingOf({ ...ruled, left_out: ["love dogs"] });
    expect(reading.leftOut).toEqual([{ text: "love dogs", why: null }]);
    expect(outcome(reading)).toBe(
      "Read by the assistant; 1 left out: Customers who have spent more than 5,000.",
    );
  });
  it("is whole where nothing is said to be left out", () => {
    expect(isIncomplete(assistantsReadingOf(ruled))).toBe(false);
  });
  it("stands beside what the rules alone had left out", () => {
    const parts = [
      { text: "love dogs", why: "not understood" },
      { text: "top", why: "say how much" },
    ];
    const former = readingOf({
      rules: RULES as never,
      words: "",
      understood: [],
      left_out: parts,
      hint: null,
    });
    expect(byRulesAlone(former)).toBe("The rules alone had left out: “love dogs”, “top”.");
    const nothing = readingOf({ rules: null, words: null, understood: [], left_out: parts, hint: null });
    expect(byRulesAlone(nothing)).toBe("The rules alone had understood nothing of this.");
  });
});

describe("examples", () => {
  it("name a city that customers have, and none where they have none", () => {
    expect(examples([city(["Pune", "Delhi"])], 10_000)[0]).toBe(
      "active customers in Pune who spent over 10,000 but haven't ordered for 90 days",
    );
    expect(examples([], 500)[0]).toBe("active customers who spent over 500 but haven't ordered for 90 days");
  });
});
