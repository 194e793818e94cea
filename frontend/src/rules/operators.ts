import { type Field, isNumeric, kindOf, type ValueKind } from "./fields";

/** How many values a comparison takes. */
export type Takes = "none" | "one" | "two" | "many";

const TAKES: Record<string, Takes> = {
  null: "none",
  notNull: "none",
  between: "two",
  notBetween: "two",
  in: "many",
  notIn: "many",
};

export const takes = (operator: string): Takes => TAKES[operator] ?? "one";

const NUMBER_WORDS: Record<string, string> = {
  "=": "is",
  "!=": "is not",
  ">": "is more than",
  ">=": "is at least",
  "<": "is less than",
  "<=": "is at most",
  between: "is between",
  notBetween: "is not between",
  in: "is one of",
  notIn: "is none of",
  null: "is not known",
  notNull: "is known",
};

const DATE_WORDS: Record<string, string> = {
  ...NUMBER_WORDS,
  "=": "is on",
  "!=": "is not on",
  ">": "is after",
  ">=": "is on or after",
  "<": "is before",
  "<=": "is on or before",
};

const TEXT_WORDS: Record<string, string> = {
  ...NUMBER_WORDS,
  contains: "contains",
  doesNotContain: "does not contain",
  beginsWith: "begins with",
  endsWith: "ends with",
};

/** What is offered of what the API allows, the most useful first. */
const OFFERED: Record<ValueKind, string[]> = {
  money: [">", ">=", "<", "<=", "between", "notBetween", "=", "!=", "in", "notIn"],
  number: [">", ">=", "<", "<=", "=", "!=", "between", "notBetween", "in", "notIn"],
  days: [">", ">=", "<", "<=", "=", "!=", "between", "notBetween", "in", "notIn"],
  date: [">", ">=", "<", "<=", "=", "!=", "between", "notBetween"],
  choice: ["=", "!="],
  text: ["=", "!=", "in", "notIn", "contains", "doesNotContain", "beginsWith", "endsWith"],
  "yes-no": ["=", "!="],
};

const NEVER_ORDERED: Record<string, string> = { null: "has never been", notNull: "has been" };

export function operatorWords(operator: string, kind: ValueKind, field?: string): string {
  if (field === "last_order_at" && operator in NEVER_ORDERED) return NEVER_ORDERED[operator] as string;
  const words = kind === "date" ? DATE_WORDS : isNumeric(kind) ? NUMBER_WORDS : TEXT_WORDS;
  return words[operator] ?? TEXT_WORDS[operator] ?? operator;
}

/** The comparisons that a field offers; one that the rule already has is always among them. */
export function operatorsOf(
  field: Field,
  present?: { operator: string; value?: unknown },
): { name: string; label: string }[] {
  const kind = kindOf(field, present?.value);
  const allowed = new Set(field.operators);
  const may = (operator: string) => allowed.size === 0 || allowed.has(operator);
  const mayBeMissing = field.nullable || field.kind === "attribute";
  const names = [...OFFERED[kind], ...(mayBeMissing ? ["null", "notNull"] : [])].filter(may);
  if (present && !names.includes(present.operator)) names.push(present.operator);
  return names.map((name) => ({ name, label: operatorWords(name, kind, field.name) }));
}
