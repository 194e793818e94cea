import { label, ROLES, type RoleName } from "@/words/labels";
import { shortTime } from "@/words/times";

/** What the log is about, as it is called on the screen. */
export const SUBJECTS: Record<string, string> = {
  campaign: "Campaign",
  segment: "Segment",
  message: "Message",
  customer: "Customer",
  suppression: "Suppression",
  person: "Person",
  api_key: "API key",
  dead_letter: "Event set aside",
  batch: "Batch",
  sample_data: "Sample data",
};

const DONE: Record<string, string> = {
  "session.ended": "Signed out",
  "session.began": "Signed in",
  "person.role_changed": "Changed the role of a person",
  "person.address_changed": "Has a new address",
  "person.invitation_used": "Came in by an invitation",
  "person.signed_out": "Signed a person out everywhere",
  "message.given_up": "Gave up a message",
  "message.resent": "Sent a message again",
  "dead_letter.replayed": "Tried an event again",
  "dead_letter.dropped": "Gave up an event",
  "suppression.lifted": "Lifted a suppression",
  "suppression.imported": "Imported suppressions",
  "campaign.tested": "Sent a test message of a campaign",
  "customer.exported": "Exported a customer's data",
  "customer.erased": "Erased a customer",
  "sample_data.added": "Added sample data",
};

/** "campaign.launched" is "Launched a campaign". */
export function deed(action: string): string {
  const known = DONE[action];
  if (known) return known;
  const [subject = "", verb = action] = action.split(".");
  const what = (SUBJECTS[subject] ?? label(subject)).replace(/^(?!API)./, (letter) => letter.toLowerCase());
  return `${label(verb)} ${/^[aeiou]/i.test(what) ? "an" : "a"} ${what}`;
}

/** What needs no word before it. */
const PLAIN = new Set(["name", "email", "by"]);

/** The details that say something, in words: "Diwali, role: Admin". */
export function details(detail: Record<string, unknown>, timeZone: string): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "" && value !== false)
    .sort(([one], [other]) => Number(PLAIN.has(other)) - Number(PLAIN.has(one)))
    .map(([name, value]) =>
      PLAIN.has(name)
        ? inWords(value, timeZone)
        : `${label(name).toLowerCase()}: ${inWords(value, timeZone)}`,
    )
    .join(", ");
}

/** How somebody signed in. */
const WAYS: Record<string, string> = {
  link: "by a one-time link",
  oidc: "with the provider",
  settings: "by the settings",
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The end of an id, which tells it from its neighbours. */
export const shortId = (id: string): string => `…${id.slice(-8)}`;

/** After it there is nothing to look at. */
export const isGone = (action: string): boolean => /\.(deleted|erased)$/.test(action);

function inWords(value: unknown, timeZone: string): string {
  if (value === true) return "yes";
  if (typeof value === "string") return textInWords(value, timeZone);
  if (Array.isArray(value)) return value.map((each) => label(String(each)).toLowerCase()).join(" and ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function textInWords(value: string, timeZone: string): string {
  if (TIME.test(value)) return shortTime(value, timeZone);
  if (ID.test(value)) return shortId(value);
  return ROLES[value as RoleName] ?? WAYS[value] ?? value;
}
