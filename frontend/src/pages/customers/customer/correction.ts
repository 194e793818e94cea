import type { Schemas } from "@/api/client";
import { isBlank, readNumber } from "@/rules/values";
import type { Customer } from "../requests";

/** What the form for correcting holds; attributes in the order they are shown. */
export interface Correction {
  name: string;
  email: string;
  phone: string;
  status: Customer["status"];
  opening_spend: string | number;
  opening_visits: string | number;
  attributes: Attribute[];
}

export type AttributeType = "text" | "number" | "yes-no";

export interface Attribute {
  id: string;
  key: string;
  type: AttributeType;
  value: string;
  /** It is not kept yet, so that its key can be written. */
  isNew: boolean;
}

export type Patch = Schemas["CustomerPatch"];

const typeOf = (value: unknown): AttributeType =>
  typeof value === "boolean" ? "yes-no" : typeof value === "number" ? "number" : "text";

export function correctionOf(customer: Customer): Correction {
  return {
    name: customer.name,
    email: customer.email,
    phone: customer.phone ?? "",
    status: customer.status,
    opening_spend: customer.opening_total_spend,
    opening_visits: customer.opening_total_visits,
    attributes: Object.entries(customer.attributes)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => ({ id: key, key, type: typeOf(value), value: String(value), isNew: false })),
  };
}

function attributeValue({ type, value }: Attribute): string | number | boolean | null {
  if (isBlank(value)) return null;
  if (type === "yes-no") return value === "true";
  return type === "number" ? readNumber(value) : value;
}

/** Only what differs; an attribute that is gone, or blank, becomes nothing. */
export function patchOf(customer: Customer, form: Correction): Patch {
  const patch: Patch = {};
  if (form.name !== customer.name) patch.name = form.name;
  if (form.email.trim().toLowerCase() !== customer.email) patch.email = form.email;
  if (form.phone.trim() !== (customer.phone ?? "")) patch.phone = form.phone.trim() || null;
  if (form.status !== customer.status) patch.status = form.status;
  if (Number(form.opening_spend || 0) !== Number(customer.opening_total_spend))
    patch.total_spend = form.opening_spend || 0;
  if (Number(form.opening_visits || 0) !== customer.opening_total_visits)
    patch.total_visits = Number(form.opening_visits || 0);
  const attributes = changedAttributes(customer, form.attributes);
  if (Object.keys(attributes).length > 0) patch.attributes = attributes;
  return patch;
}

function changedAttributes(
  customer: Customer,
  attributes: readonly Attribute[],
): NonNullable<Patch["attributes"]> {
  const before = customer.attributes as Record<string, string | number | boolean | null>;
  const after = new Map(
    attributes.filter(({ key }) => key.trim() !== "").map((each) => [each.key.trim(), attributeValue(each)]),
  );
  const changed: NonNullable<Patch["attributes"]> = {};
  for (const [key, value] of after) if (value !== (before[key] ?? null)) changed[key] = value;
  for (const key of Object.keys(before)) if (before[key] !== null && !after.has(key)) changed[key] = null;
  return changed;
}

/** What keeps the form from being sent, by field. */
export function objections(form: Correction): Record<string, string> {
  const found: Record<string, string> = {};
  if (form.name.trim() === "") found.name = "Enter a name.";
  if (!/^\S+@\S+$/.test(form.email.trim())) found.email = "Enter an e-mail address.";
  const keys = form.attributes.map(({ key }) => key.trim());
  form.attributes.forEach(({ id, key, type, value }, index) => {
    if (key.trim() === "" && !isBlank(value)) found[id] = "Enter a name for it.";
    else if (key.trim() !== "" && keys.indexOf(key.trim()) !== index)
      found[id] = "There is another of this name.";
    else if (type === "number" && !isBlank(value) && !Number.isFinite(readNumber(value)))
      found[id] = "Enter a number.";
  });
  return found;
}
