import { sendRenewing } from "@/api/client";
import { Problem, problemOf } from "@/api/problem";
import type { Item, Told } from "./model";
import { EventReader } from "./sse";

const CONVERSATION = "/assistant/conversation";

async function sent(path: string, init: RequestInit): Promise<Response> {
  const response = await sendRenewing(new Request(new URL(path, location.origin), init));
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function fetchItems(): Promise<Item[]> {
  return ((await (await sent(CONVERSATION, {})).json()) as { items: Item[] }).items;
}

export const dropConversation = () => sent(CONVERSATION, { method: "DELETE" });

const CUT_OFF = new Problem(
  0,
  "The answer was cut off",
  "Ask again; what was decided before is not done twice.",
);

/** Says or decides something, and hears what comes of it until all is said. */
async function converse(path: string, body: unknown, signal: AbortSignal, hear: (told: Told) => void) {
  const init = { method: "POST", body: JSON.stringify(body), signal };
  const response = await sent(path, { ...init, headers: { "content-type": "application/json" } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const events = new EventReader();
  for (;;) {
    const piece = await reader?.read().catch((failure) => {
      throw signal.aborted ? failure : CUT_OFF;
    });
    if (piece === undefined || piece.done) throw CUT_OFF;
    for (const told of events.read(piece.value)) {
      hear(told);
      if (told.event === "end") return;
    }
  }
}

export const say = (text: string, signal: AbortSignal, hear: (told: Told) => void) =>
  converse("/assistant/messages", { text }, signal, hear);

export const decide = (id: string, approve: boolean, signal: AbortSignal, hear: (told: Told) => void) =>
  converse(`/assistant/cards/${id}`, { approve }, signal, hear);
