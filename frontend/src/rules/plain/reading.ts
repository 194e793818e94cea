import { answer, api, type Schemas, sendRenewing } from "@/api/client";
import { problemOf } from "@/api/problem";
import type { Field } from "../fields";
import { type Rule, readRule } from "../rule";

type Understood = Schemas["UnderstoodPart"];

/** What plain words were taken as; `rule` is null where nothing was understood. */
export interface Reading {
  rule: Rule | null;
  understood: readonly Understood[];
  leftOut: readonly Schemas["LeftOutPart"][];
  hint: string | null;
  /** What the assistant made of all of it, as a sentence; null where it was read by rules. */
  byAssistant: string | null;
}

export async function readPlainWords(text: string, signal?: AbortSignal): Promise<Reading> {
  return readingOf(await answer(api.POST("/api/v1/segments/parse", { body: { text }, signal })));
}

export function readingOf(body: Schemas["ShownReading"]): Reading {
  return {
    rule: readRule(body.rules),
    understood: body.understood.map(withoutRepeats),
    leftOut: body.left_out,
    hint: body.hint ?? null,
    byAssistant: null,
  };
}

/** By the model: it proposes a rule, which is judged as any other. */
export async function askAssistant(text: string): Promise<Reading> {
  const init = { method: "POST", body: JSON.stringify({ text }) };
  const request = new Request(new URL("/assistant/rule", location.origin), init);
  request.headers.set("content-type", "application/json");
  const response = await sendRenewing(request);
  if (!response.ok) throw await problemOf(response);
  const { rules, words } = await response.json();
  return { rule: readRule(rules), understood: [], leftOut: [], hint: null, byAssistant: words };
}

const withoutRepeats = (part: Understood): Understood => ({ ...part, notes: [...new Set(part.notes)] });

/** "who are active" -> "are active": each is about who is wanted. */
export const chipText = (words: string): string => words.replace(/^(customers )?who /, "");

/** What the reader of a screen hears when it is read. */
export function outcome({ rule, understood, leftOut, byAssistant }: Reading): string {
  if (byAssistant !== null) return `Read by the assistant as: ${byAssistant}`;
  if (rule === null) return "Nothing of this was understood.";
  const parts = understood.length === 1 ? "1 part" : `${understood.length} parts`;
  const lost = leftOut.length > 0 ? `; ${leftOut.length} left out` : "";
  return `The rule has ${parts}${lost}.`;
}

const CITY = "attributes.city";

/** Sentences that are understood here: a city is named only where customers have one. */
export function examples(fields: readonly Field[], spend: number): string[] {
  const city = fields.find(({ name }) => name === CITY)?.values[0];
  const amount = spend.toLocaleString("en");
  return [
    `active customers ${city ? `in ${city} ` : ""}who spent over ${amount} but haven't ordered for 90 days`,
    "joined this year and never ordered",
    "at least 3 orders, without a phone",
  ];
}
