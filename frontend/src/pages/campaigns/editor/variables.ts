/** What a message may name, and how it is written. Pure. */

export interface TemplateVariable {
  name: string;
  label: string;
  /** What is put into the text. */
  written: string;
}

export interface VariableGroup {
  label: string;
  variables: TemplateVariable[];
}

const PERSON: TemplateVariable[] = [
  { name: "first_name", label: "First name", written: '{{ first_name | default: "there" }}' },
  { name: "name", label: "Full name", written: "{{ name }}" },
  { name: "email", label: "E-mail address", written: "{{ email }}" },
  { name: "phone", label: "Phone", written: "{{ phone }}" },
];

const ORDERS: TemplateVariable[] = [
  { name: "total_spend", label: "Total spend", written: "{{ total_spend | money }}" },
  { name: "total_orders", label: "Number of orders", written: "{{ total_orders }}" },
  { name: "total_visits", label: "Number of visits", written: "{{ total_visits }}" },
  { name: "days_since_last_order", label: "Days since last order", written: "{{ days_since_last_order }}" },
];

const LINKS: TemplateVariable[] = [
  { name: "unsubscribe_url", label: "Unsubscribe link", written: "{{ unsubscribe_url }}" },
];

/** `attributes`: the keys that customers have. */
export function variableGroups(attributes: readonly string[]): VariableGroup[] {
  const own = attributes.map((key) => ({
    name: `attributes.${key}`,
    label: sentence(key),
    written: PLAIN_KEY.test(key) ? `{{ attributes.${key} }}` : `{{ attributes["${key}"] }}`,
  }));
  return [
    { label: "Customer", variables: PERSON },
    { label: "Orders", variables: ORDERS },
    ...(own.length > 0 ? [{ label: "Attributes", variables: own }] : []),
    { label: "Links", variables: LINKS },
  ];
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

function sentence(key: string): string {
  const words = key.replaceAll(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What somebody lacks: "city", "days since last order". */
export function lackingWord(name: string): string {
  return name.replace(/^attributes\./, "").replaceAll(/[_-]+/g, " ");
}

/** Uses of a variable in outputs, each with its filters. */
function usesOf(template: string, name: string): RegExpMatchArray[] {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return [...template.matchAll(new RegExp(`\\{\\{-?\\s*${escaped}\\s*(\\|[^}]*?)?\\s*-?\\}\\}`, "g"))];
}

/** Whether there is something to say, everywhere, for those who lack it. */
export function hasFallback(templates: readonly (string | null)[], name: string): boolean {
  const uses = templates.flatMap((template) => usesOf(template ?? "", name));
  return uses.length > 0 && uses.every(([, filters]) => /\|\s*default\s*:/.test(filters ?? ""));
}

/** What can be said instead; null where only the writer knows. */
export function fallbackFor(name: string): string | null {
  if (name === "first_name" || name === "name") return "there";
  return name.startsWith("attributes.") ? `your ${lackingWord(name)}` : null;
}

/** The template with `default` at every use that has none. */
export function withFallback(template: string, name: string, fallback: string): string {
  return usesOf(template, name)
    .filter(([, filters]) => !/\|\s*default\s*:/.test(filters ?? ""))
    .reduce(
      (text, [use, filters]) =>
        text.replaceAll(use, `{{ ${name} | default: "${fallback}"${filters ? ` ${filters.trim()}` : ""} }}`),
      template,
    );
}

/** The text with something in place of what is selected, and where the caret is then. */
export function inserted(text: string, written: string, from: number, to: number): [string, number] {
  return [text.slice(0, from) + written + text.slice(to), from + written.length];
}
