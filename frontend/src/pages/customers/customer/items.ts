import { plural } from "@/words/numbers";

const NAMES = ["name", "title", "product", "sku", "id"];

function nameOf(item: unknown): string | null {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return null;
  const fields = item as Record<string, unknown>;
  const name = NAMES.map((key) => fields[key]).find((value) => typeof value === "string" && value !== "");
  const quantity = Number(fields.quantity ?? fields.qty ?? 1);
  if (typeof name !== "string") return null;
  return quantity > 1 ? `${quantity} × ${name}` : name;
}

/** The items of an order, whatever the shop sends, by name or by number. */
export function itemsText(items: readonly unknown[] | null): string {
  if (items === null || items.length === 0) return "";
  const names = items.map(nameOf);
  return names.every((name) => name !== null) ? names.join(", ") : plural(items.length, "item");
}
