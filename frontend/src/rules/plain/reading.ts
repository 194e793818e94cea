import { answer, api, type Schemas, sendRenewing } from "@/api/client";
import { problemOf } from "@/api/problem";
import type { Field } from "../fields";
import { type Rule, readRule } from "../rule";

type Understood = Schemas["UnderstoodPart"];

export interface LeftOut {
  text: string;
  /** null where the assistant left it out, which says no more. */
  why: string | null;
}

/** What plain words were taken as; `rule` is null where nothing was understood. */
export interface Reading {
  rule: Rule | null;
  understood: readonly Understood[];
  leftOut: readonly LeftOut[];
  hint: string | null;
  /** What the assistant made of all of it, as a sentence; null where it was read by rules. */
  byAssistant: string | null;
}

export async function readPlainWords(text: string): Promise<Reading> {
  return readingOf(await answer(api.POST("/api/v1/segments/parse", { body: { text } })));
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
  return assistantsReadingOf(await response.json());
}

interface Ruled {
  rules: unknown;
  words: string;
  left_out?: string[];
}

export function assistantsReadingOf({ rules, words, left_out = [] }: Ruled): Reading {
  const leftOut = left_out.map((text) => ({ text, why: null }));
  return { rule: readRule(rules), understood: [], leftOut, hint: null, byAssistant: words };
}

/** What the rules for plain words had made of it, where the assistant has read it since. */
export function byRulesAlone({ rule, leftOut }: Reading): string {
  const parts = leftOut.map(({ text }) => `“${text}”`).join(", ");
  if (rule === null) return "The rules alone had understood nothing of this.";
  return `The rules alone had left out: ${parts}.`;
}

export const isIncomplete = ({ rule, leftOut }: Reading): boolean => rule === null || leftOut.length > 0;

const withoutRepeats = (part: Understood): Understood => ({ ...part, notes: [...new Set(part.notes)] });

/** "who are active" -> "are active": each is about who is wanted. */
export const chipText = (words: string): string => words.replace(/^(customers )?who /, "");

/** What the reader of a screen hears when it is read. */
export function outcome({ rule, understood, leftOut, byAssistant }: Reading): string {
  const lost = leftOut.length > 0 ? `; ${leftOut.length} left out` : "";
  if (byAssistant !== null) return `Read by the assistant${lost}: ${byAssistant}`;
  if (rule === null) return "Nothing of this was understood.";
  const parts = understood.length === 1 ? "1 part" : `${understood.length} parts`;
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
