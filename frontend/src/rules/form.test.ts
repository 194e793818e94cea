import { describe, expect, it } from "vitest";
import type { Field } from "./fields";
import { byPart, countConditions, type Form, fingerprint, formOf, readForm } from "./form";
import type { Rule } from "./rule";

const field = (name: string, kind: string, more: Partial<Field> = {}): Field => ({
  name,
  label: name,
  kind,
  operators: [],
  nullable: false,
  values: [],
  types: [],
  ...more,
});

const FIELDS = [
  field("total_spend", "money"),
  field("last_order_at", "date"),
  field("name", "text"),
  field("status", "text", { values: ["ACTIVE", "INACTIVE"] }),
  field("attributes.city", "attribute", { types: ["string"] }),
  field("attributes.points", "attribute", { types: ["number"] }),
  field("attributes.vip", "attribute", { types: ["boolean"] }),
];

const RULE: Rule = {
  combinator: "and",
  rules: [
    { field: "total_spend", operator: ">", value: 10000 },
    { field: "last_order_at", operator: "between", value: ["2026-01-01", "2026-06-30"] },
    {
      combinator: "or",
      not: true,
      rules: [
        { field: "attributes.city", operator: "in", value: ["Pune", "Delhi"] },
        { field: "attributes.points", operator: ">=", value: 7 },
        { field: "attributes.vip", operator: "=", value: true },
        { field: "name", operator: "notNull" },
      ],
    },
  ],
};

const idAt = (form: Form, ...path: number[]): string => {
  let part: unknown = form;
  for (const index of path) part = (part as Form).rules[index];
  return (part as { id: string }).id;
};

describe("a rule as a form", () => {
  it("comes out as it went in", () => {
    const { rule, lacking } = readForm(formOf(RULE), FIELDS);
    expect(rule).toEqual(RULE);
    expect(lacking.size).toBe(0);
  });
  it("keeps attributes that are not listed", () => {
    const rare: Rule = { combinator: "and", rules: [{ field: "attributes.rare", operator: "=", value: 3 }] };
    expect(readForm(formOf(rare), FIELDS).rule).toEqual(rare);
  });
  it("gives every part an id of its own", () => {
    const form = formOf(RULE);
    const ids = [[], [0], [1], [2], [2, 0], [2, 1]].map((path) => idAt(form, ...path));
    expect(new Set(ids).size).toBe(ids.length);
  });
  it("is the same with other ids, and another with another value", () => {
    expect(fingerprint(formOf(RULE))).toBe(fingerprint(formOf(RULE)));
    const other = {
      ...RULE,
      rules: [{ field: "total_spend", operator: ">", value: 10001 }, ...RULE.rules.slice(1)],
    };
    expect(fingerprint(formOf(other))).not.toBe(fingerprint(formOf(RULE)));
  });
  it("counts its conditions at every depth", () => {
    expect(countConditions(formOf(RULE))).toBe(6);
  });
});

describe("a form that is not complete", () => {
  const unfinished: Rule = {
    combinator: "or",
    rules: [
      { field: "total_spend", operator: ">", value: "" },
      { combinator: "and", rules: [{ field: "name", operator: "=", value: "" }] },
      { combinator: "and", rules: [] },
      { field: "name", operator: "=", value: "Asha" },
    ],
  };
  const form = formOf(unfinished);
  const { rule, lacking, ids } = readForm(form, FIELDS);

  it("asks what is whole, and no group that would match everyone", () => {
    expect(rule).toEqual({ combinator: "or", rules: [{ field: "name", operator: "=", value: "Asha" }] });
  });
  it("says at each part what it lacks", () => {
    expect([...lacking]).toEqual([
      [idAt(form, 0), "Enter a number."],
      [idAt(form, 1, 0), "Enter a value."],
      [idAt(form, 2), "Add a condition, or remove the group."],
    ]);
  });
  it("finds parts by the path in what was asked", () => {
    expect(ids.get("rules[0]")).toBe(idAt(form, 3));
  });
});

describe("what the API objects to", () => {
  const form = formOf(RULE);
  const { ids } = readForm(form, FIELDS);

  it("is shown at the condition that it names", () => {
    const found = byPart(
      [
        { field: "rules[0].value", message: "must be a number" },
        { field: "rules[2].rules[0].value[1]", message: "must be text" },
        { field: "rules[2].rules[1].operator", message: "Unknown operator" },
      ],
      ids,
    );
    expect([...found]).toEqual([
      [idAt(form, 0), "The value must be a number."],
      [idAt(form, 2, 0), "The value must be text."],
      [idAt(form, 2, 1), "Unknown operator."],
    ]);
  });
  it("is shown at the whole rule when it is about the rule", () => {
    expect([...byPart([{ field: "rules", message: "has more than 200 conditions" }], ids).keys()]).toEqual([
      form.id,
    ]);
  });
  it("is left alone when it is about something else", () => {
    expect(byPart([{ field: "name", message: "is missing" }], ids).size).toBe(0);
  });
});
