import { expect, it } from "vitest";
import type { MessageInFull } from "@/campaigns/model";
import { historyOf } from "./history";

const message = (given: Partial<MessageInFull>): MessageInFull => ({
  message_id: "m",
  campaign_id: "c",
  customer_id: "p",
  name: "Asha Rao",
  email: "asha@shop.example",
  state: "DELIVERED",
  attempt: 1,
  reason: null,
  address: "asha@shop.example",
  template_version: 1,
  created_at: "2026-11-23T10:00:00Z",
  sent_at: null,
  settled_at: null,
  vendor: "simulator",
  vendor_ref: null,
  subject: null,
  body: null,
  receipts: [],
  opens: null,
  clicks: [],
  ...given,
});

const receipt = (attempt: number, outcome: string, at: string, reason: string | null = null) => ({
  receipt_id: `${attempt} ${outcome}`,
  attempt,
  outcome,
  reason,
  vendor: "simulator",
  vendor_ref: null,
  occurred_at: at,
  recorded_at: at,
});

it("tells what happened in its order, with the attempts when there were several", () => {
  const told = historyOf(
    message({
      attempt: 2,
      receipts: [
        receipt(2, "DELIVERED", "2026-11-23T10:00:09Z"),
        receipt(1, "REFUSED", "2026-11-23T10:00:01Z", "RATE_LIMITED"),
      ],
      opens: { count: 3, first_at: "2026-11-23T11:00:00Z", last_at: "2026-11-23T12:00:00Z" },
    }),
  );
  expect(told.map(({ title, text }) => [title, text])).toEqual([
    ["Written down for this campaign", undefined],
    ["Refused, to be tried again", "Attempt 1 · Sent too fast"],
    ["Delivered", "Attempt 2"],
    ["Opened", "3 times"],
  ]);
});

it("does not number a single attempt", () => {
  const told = historyOf(
    message({ receipts: [receipt(1, "FAILED", "2026-11-23T10:00:01Z", "EMAIL_BOUNCED")] }),
  );
  expect(told.at(-1)).toMatchObject({ title: "Failed for good", text: "Bounced", tone: "bad" });
});

it("has nothing to tell of what has not been sent but that it is there", () => {
  expect(historyOf(message({ state: "PENDING" }))).toHaveLength(1);
});
