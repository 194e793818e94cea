import { label as statusLabel } from "@/words/labels";
import { money } from "@/words/money";
import { plural } from "@/words/numbers";
import { dayName } from "@/words/times";
import { type Field, kindOf, labelOf, unlisted, type ValueKind } from "./fields";
import { operatorWords, takes } from "./operators";
import { isBlank, many, one, pair } from "./values";

export interface ConditionText {
  field: string;
  comparison: string;
  /** "" where the comparison takes none. */
  value: string;
  /** What the customer has, "" for nothing. */
  actual: string;
}

interface Condition {
  field?: string;
  operator?: string;
  value?: unknown;
  actual?: unknown;
}

/** A condition and what a customer has, as texts. */
export function conditionText(
  { field: name = "", operator = "=", value, actual }: Condition,
  fields: readonly Field[],
  currency: string,
): ConditionText {
  const field = fields.find((each) => each.name === name) ?? unlisted(name);
  const kind = kindOf(field, value);
  return {
    field: labelOf(name, fields),
    comparison: operatorWords(operator, kind, name),
    value: several(value, operator, kind, currency),
    actual: isBlank(actual) ? "" : valueText(actual, kindOf(field, actual), currency),
  };
}

function several(value: unknown, operator: string, kind: ValueKind, currency: string): string {
  const text = (each: unknown) => valueText(each, kind, currency);
  switch (takes(operator)) {
    case "none":
      return "";
    case "two":
      return pair(value).map(text).join(" and ");
    case "many":
      return many(value).map(text).join(", ");
    default:
      return text(one(value));
  }
}

const DAY = /^\d{4}-\d\d-\d\d/;

export function valueText(value: unknown, kind: ValueKind, currency: string): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  if (kind === "money") return money(String(value), currency);
  if (kind === "days") return plural(Number(value), "day");
  if (kind === "date" && DAY.test(String(value))) return dayName(String(value).slice(0, 10), true);
  if (kind === "choice") return statusLabel(String(value));
  if (kind === "number") return Number(value).toLocaleString("en", { maximumFractionDigits: 20 });
  return String(value);
}
