/** A rule as the API keeps it: a tree of groups and conditions. */

export type Combinator = "and" | "or";

export interface Condition {
  field: string;
  operator: string;
  value?: unknown;
}

export interface Rule {
  combinator: Combinator;
  not?: boolean;
  rules: (Condition | Rule)[];
}

export const isGroup = (part: Condition | Rule): part is Rule => "rules" in part;

/** Every condition, from left to right. */
export function* conditions(rule: Rule): Generator<Condition> {
  for (const part of rule.rules) {
    if (isGroup(part)) yield* conditions(part);
    else yield part;
  }
}

export const hasConditions = (rule: Rule): boolean => conditions(rule).next().done === false;

function readPart(part: unknown): Condition | Rule | null {
  if (typeof part !== "object" || part === null) return null;
  if ("rules" in part) return readRule(part);
  const { field, operator, value } = part as Condition;
  return typeof field === "string" && typeof operator === "string" ? { field, operator, value } : null;
}

/** What came from an address, if it has the form of a rule; what it means is the API's to judge. */
export function readRule(body: unknown): Rule | null {
  if (typeof body !== "object" || body === null || !("rules" in body) || !Array.isArray(body.rules))
    return null;
  const { combinator, not, rules } = body as Rule;
  if (combinator !== "and" && combinator !== "or") return null;
  const parts = rules.map(readPart);
  if (parts.some((part) => part === null)) return null;
  return { combinator, ...(not === true ? { not } : {}), rules: parts as (Condition | Rule)[] };
}
