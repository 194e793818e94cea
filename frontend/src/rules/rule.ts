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

export const matchesEveryone = (rule: Rule): boolean => conditions(rule).next().done === true;
