import { isNumeric, type ValueKind } from "./fields";
import { takes } from "./operators";

/** Values of conditions: what the form holds, and what the API is told. */

export const isBlank = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");

/** One value, whatever was there before: of several the first. */
export function one(value: unknown): unknown {
  const single = Array.isArray(value) ? value[0] : value;
  return isBlank(single) ? "" : single;
}

/** Low and high; a single value is the low one. */
export function pair(value: unknown): [unknown, unknown] {
  const values = Array.isArray(value) ? value : [value];
  return [one(values[0]), one(values[1])];
}

/** Several values without blank ones and repetitions. Text with commas is several. */
export function many(value: unknown): unknown[] {
  const values = Array.isArray(value) ? value : typeof value === "string" ? splitAtCommas(value) : [value];
  return [...new Set(values.filter((each) => !isBlank(each)))];
}

/** `\,` is a comma within a value. */
function splitAtCommas(text: string): string[] {
  return text.split(/(?<!\\),/).map((piece) => piece.replaceAll("\\,", ",").trim());
}

/** The number in a text such as "1,200.50", or NaN. */
export function readNumber(text: unknown): number {
  if (typeof text === "number") return text;
  const plain = String(text).replaceAll(/[\s,_]/g, "");
  return plain === "" ? Number.NaN : Number(plain);
}

function scalar(value: unknown, kind: ValueKind): unknown {
  if (kind === "yes-no") return value === true || value === "true";
  if (!isNumeric(kind)) return value;
  const number = readNumber(value);
  return Number.isFinite(number) ? number : value;
}

/** The value as the API takes it, undefined for none. */
export function told(value: unknown, operator: string, kind: ValueKind): unknown {
  switch (takes(operator)) {
    case "none":
      return undefined;
    case "two":
      return pair(value).map((each) => scalar(each, kind));
    case "many":
      return many(value).map((each) => scalar(each, kind));
    default:
      return scalar(one(value), kind);
  }
}

const MISSING = {
  date: "Choose a date.",
  choice: "Choose one.",
  "yes-no": "Choose yes or no.",
} as Partial<Record<ValueKind, string>>;

/** What a condition lacks before it can be asked, in words; null when it is whole. */
export function lacks(value: unknown, operator: string, kind: ValueKind): string | null {
  const amount = takes(operator);
  if (amount === "none") return null;
  if (amount === "many")
    return many(value).length > 0 ? numbersIn(many(value), kind) : "Add at least one value.";
  const values = amount === "two" ? pair(value) : [one(value)];
  if (values.some(isBlank)) {
    if (amount === "two") return kind === "date" ? "Choose both dates." : "Enter both values.";
    return MISSING[kind] ?? (isNumeric(kind) ? "Enter a number." : "Enter a value.");
  }
  return numbersIn(values, kind) ?? (amount === "two" ? inOrder(values, kind) : null);
}

function numbersIn(values: unknown[], kind: ValueKind): string | null {
  const wrong = isNumeric(kind) ? values.find((value) => !Number.isFinite(readNumber(value))) : undefined;
  return wrong === undefined ? null : `“${wrong}” is not a number.`;
}

function inOrder([low, high]: unknown[], kind: ValueKind): string | null {
  const [from, to] = isNumeric(kind) ? [readNumber(low), readNumber(high)] : [String(low), String(high)];
  if (from <= to || (kind !== "date" && !isNumeric(kind))) return null;
  return kind === "date" ? "The first date is after the second." : "The first number is above the second.";
}
