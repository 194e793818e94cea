import type { MessageInFull } from "@/campaigns/model";
import { reasonName } from "@/campaigns/reasons";
import { plural } from "@/words/numbers";

/** What happened to one message, in the order in which it happened. Pure. */

export interface Happening {
  key: string;
  at: string;
  title: string;
  text?: string;
  tone: "good" | "bad" | "warn" | "info" | "calm";
}

type Receipt = MessageInFull["receipts"][number];

const OUTCOMES: Record<string, Pick<Happening, "title" | "tone">> = {
  ACCEPTED: { title: "Taken by the vendor", tone: "info" },
  DELIVERED: { title: "Delivered", tone: "good" },
  FAILED: { title: "Failed for good", tone: "bad" },
  REFUSED: { title: "Refused, to be tried again", tone: "warn" },
  UNANSWERED: { title: "No answer", tone: "warn" },
  SKIPPED: { title: "Skipped", tone: "calm" },
  BOUNCED: { title: "Bounced: there is no such mailbox", tone: "bad" },
  COMPLAINED: { title: "Called spam by its reader", tone: "bad" },
};

function ofReceipt(receipt: Receipt, attempts: number): Happening {
  const known = OUTCOMES[receipt.outcome] ?? { title: receipt.outcome, tone: "calm" as const };
  const details = [
    attempts > 1 && receipt.outcome !== "SKIPPED" ? `Attempt ${receipt.attempt}` : null,
    receipt.reason ? reasonName(receipt.reason) : null,
  ].filter((detail) => detail !== null);
  return {
    key: receipt.receipt_id,
    at: receipt.occurred_at,
    ...known,
    text: details.length > 0 ? details.join(" · ") : undefined,
  };
}

const often = (times: number): string | undefined => (times > 1 ? plural(times, "time") : undefined);

export function historyOf(message: MessageInFull): Happening[] {
  const { created_at, receipts, opens, clicks } = message;
  const attempts = Math.max(message.attempt, ...receipts.map(({ attempt }) => attempt));
  const later: Happening[] = receipts.map((receipt) => ofReceipt(receipt, attempts));
  if (opens !== null) {
    later.push({
      key: "opened",
      at: opens.first_at,
      title: "Opened",
      text: often(opens.count),
      tone: "good",
    });
  }
  for (const { url, count, first_at } of clicks) {
    const text = [url, often(count)].filter((part) => part !== undefined).join(" · ");
    later.push({ key: `click ${url}`, at: first_at, title: "Clicked", text, tone: "good" });
  }
  later.sort((one, other) => one.at.localeCompare(other.at));
  return [{ key: "made", at: created_at, title: "Written down for this campaign", tone: "calm" }, ...later];
}
