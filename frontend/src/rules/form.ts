import { generateID, type RuleGroupType, type RuleType } from "react-querybuilder";
import { type Field, kindOf, unlisted } from "./fields";
import type { Condition, Rule } from "./rule";
import { isGroup } from "./rule";
import { lacks, told } from "./values";

/** The tree that is edited: a rule whose parts have ids, and whose conditions may still lack something. */
export type Form = RuleGroupType;
type Part = RuleGroupType | RuleType;

export const isFormGroup = (part: Part): part is RuleGroupType => "rules" in part;

export function formOf(rule: Rule): Form {
  return {
    id: generateID(),
    combinator: rule.combinator,
    not: rule.not ?? false,
    rules: rule.rules.map((part) =>
      isGroup(part)
        ? formOf(part)
        : { id: generateID(), field: part.field, operator: part.operator, value: part.value ?? "" },
    ),
  };
}

export const emptyForm = (): Form => ({ id: generateID(), combinator: "and", not: false, rules: [] });

export interface ReadForm {
  /** What can be asked already: without what is not whole yet. */
  rule: Rule;
  /** What each part that is not whole lacks, by its id. */
  lacking: ReadonlyMap<string, string>;
  /** Ids by the path in `rule`, such as `rules[0].rules[2]`. */
  ids: ReadonlyMap<string, string>;
}

export function readForm(form: Form, fields: readonly Field[]): ReadForm {
  const lacking = new Map<string, string>();
  const ids = new Map<string, string>([["", form.id ?? ""]]);
  const byName = new Map(fields.map((field) => [field.name, field]));

  const condition = (part: RuleType): Condition | null => {
    const kind = kindOf(byName.get(part.field) ?? unlisted(part.field), part.value);
    const missing = lacks(part.value, part.operator, kind);
    if (missing !== null) {
      lacking.set(part.id ?? "", missing);
      return null;
    }
    const value = told(part.value, part.operator, kind);
    return { field: part.field, operator: part.operator, ...(value === undefined ? {} : { value }) };
  };

  const group = (part: RuleGroupType, path: string): Rule => {
    const rules: (Condition | Rule)[] = [];
    for (const child of part.rules as Part[]) {
      const at = `${path === "" ? "" : `${path}.`}rules[${rules.length}]`;
      const whole = isFormGroup(child) ? subgroup(child, at) : condition(child);
      if (whole === null) continue;
      ids.set(at, child.id ?? "");
      rules.push(whole);
    }
    const combinator = part.combinator === "or" ? "or" : "and";
    return { combinator, ...(part.not ? { not: true } : {}), rules };
  };

  /** A group without a whole condition would match everyone, which nobody means while building it. */
  const subgroup = (part: RuleGroupType, path: string): Rule | null => {
    if (part.rules.length === 0) lacking.set(part.id ?? "", "Add a condition, or remove the group.");
    const whole = group(part, path);
    return whole.rules.length > 0 ? whole : null;
  };

  return { rule: group(form, ""), lacking, ids };
}

/** Messages of the API by the id of the part they are about; `rules[0].value[1]` is about `rules[0]`. */
export function byPart(
  errors: readonly { field: string; message: string }[],
  ids: ReadonlyMap<string, string>,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const { field, message } of errors) {
    const id = partAt(field, ids);
    if (id !== undefined && !found.has(id)) found.set(id, sentence(message));
  }
  return found;
}

function partAt(path: string, ids: ReadonlyMap<string, string>): string | undefined {
  for (let at = path; at !== ""; at = at.slice(0, Math.max(0, at.lastIndexOf(".")))) {
    const id = ids.get(at) ?? ids.get(at.replace(/(\[\d+\])\[\d+\]$/, "$1"));
    if (id !== undefined) return id;
  }
  return path.startsWith("rules") ? ids.get("") : undefined;
}

function sentence(message: string): string {
  const words = /^(is|must|may|has|have|contains|cannot) /.test(message) ? `The value ${message}` : message;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${words.endsWith(".") ? "" : "."}`;
}

/** Without ids and with what is not whole, to see whether something changed. */
export function fingerprint(form: Form): string {
  return JSON.stringify(form, (key, value) => (key === "id" || key === "path" ? undefined : value));
}

export const countConditions = (form: Form): number =>
  (form.rules as Part[]).reduce((sum, part) => sum + (isFormGroup(part) ? countConditions(part) : 1), 0);
