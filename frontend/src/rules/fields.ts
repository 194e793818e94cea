import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { conditions, type Rule } from "./rule";

export type Field = Schemas["ShownField"];

/** How a value is edited and written. */
export type ValueKind = "money" | "number" | "days" | "date" | "choice" | "text" | "yes-no";

const ATTRIBUTE = "attributes.";
const NUMERIC: ReadonlySet<ValueKind> = new Set(["money", "number", "days"]);

export const isNumeric = (kind: ValueKind): boolean => NUMERIC.has(kind);

/** An attribute is edited as the value that is there, else as most of its values are. */
export function kindOf(field: Field, value?: unknown): ValueKind {
  if (field.kind === "attribute") return attributeKind(field, Array.isArray(value) ? value[0] : value);
  if (field.kind === "money" || field.kind === "days" || field.kind === "date") return field.kind;
  if (field.kind === "count") return "number";
  return field.values.length > 0 ? "choice" : "text";
}

function attributeKind(field: Field, value: unknown): ValueKind {
  if (typeof value === "boolean") return "yes-no";
  if (typeof value === "number") return "number";
  if (typeof value === "string" && value !== "") return field.types[0] === "number" ? "number" : "text";
  if (field.types[0] === "boolean") return "yes-no";
  return field.types[0] === "number" ? "number" : "text";
}

/** "attributes.home_city" is called "Home city". */
export function labelOf(name: string, fields: readonly Field[]): string {
  if (!name.startsWith(ATTRIBUTE)) return fields.find((field) => field.name === name)?.label ?? name;
  const words = name.slice(ATTRIBUTE.length).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A field that the rule asks about and the API does not list: an attribute that few customers have. */
export function unlisted(name: string): Field {
  return {
    name,
    label: name,
    kind: name.startsWith(ATTRIBUTE) ? "attribute" : "text",
    operators: [],
    nullable: true,
    values: [],
    types: [],
  };
}

export function withUnlisted(fields: readonly Field[], rule: Rule): Field[] {
  const known = new Set(fields.map((field) => field.name));
  const others = new Set([...conditions(rule)].map(({ field }) => field).filter((name) => !known.has(name)));
  return [...fields, ...[...others].map(unlisted)];
}

const GROUPS: [string, (field: Field) => boolean][] = [
  ["Purchases", ({ name }) => /^(total_|last_order|days_since)/.test(name)],
  ["Customer", ({ kind, name }) => kind !== "attribute" && !/^(total_|last_order|days_since)/.test(name)],
  ["Attributes", ({ kind }) => kind === "attribute"],
];

/** Fields as they are offered, in groups. */
export function grouped(fields: readonly Field[]): { label: string; options: Field[] }[] {
  return GROUPS.map(([label, belongs]) => ({ label, options: fields.filter(belongs) })).filter(
    ({ options }) => options.length > 0,
  );
}

export const fieldsQuery = queryOptions({
  queryKey: ["segments", "fields"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/segments/fields", { signal }))).fields,
  staleTime: 300_000,
});

const NONE: Field[] = [];

/** What rules may ask about; nothing yet while it is loading. */
export function useFields(): { fields: Field[]; loading: boolean; error: unknown } {
  const query = useQuery(fieldsQuery);
  return useMemo(
    () => ({ fields: query.data ?? NONE, loading: query.isPending, error: query.error }),
    [query.data, query.isPending, query.error],
  );
}
