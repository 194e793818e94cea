import type { Schemas } from "@/api/client";

/** Campaigns and messages as the API shows them. */

export type Campaign = Schemas["ShownCampaign"];
export type Status = Campaign["status"];
export type CampaignType = Campaign["campaign_type"];
export type Stats = Schemas["CampaignStatsWithLinks"];
/** A campaign of `GET /campaignStats`. */
export type Numbers = Schemas["CampaignWithStats"];
export type Message = Schemas["ShownMessage"];
export type MessageInFull = Schemas["MessageInFull"];
export type MessageState = Message["state"];
export type Lift = Schemas["Lift"];
export type Preflight = Schemas["ShownPreflight"];
export type TextsPreview = Schemas["ShownTextsPreview"];
export type Sample = Schemas["ShownSample"];
export type Trial = Schemas["ShownTrial"];
export type Vendor = Schemas["ShownVendor"];

/** The counters that stats of any kind have. */
export type Counters = Pick<
  Stats,
  | "audience"
  | "holdout"
  | "pending"
  | "sending"
  | "sent"
  | "delivered"
  | "failed"
  | "skipped"
  | "cancelled"
  | "unconfirmed"
>;

export type Action = "pause" | "resume" | "cancel" | "archive" | "duplicate" | "edit" | "correct" | "test";

const ALLOWED: Record<Action, readonly Status[]> = {
  edit: ["DRAFT", "SCHEDULED"],
  correct: ["PAUSED"],
  test: ["DRAFT", "SCHEDULED", "PREPARING", "RUNNING", "PAUSED"],
  pause: ["PREPARING", "RUNNING"],
  resume: ["PAUSED"],
  cancel: ["SCHEDULED", "PREPARING", "RUNNING", "PAUSED"],
  archive: ["DRAFT", "COMPLETED", "CANCELLED"],
  duplicate: ["DRAFT", "SCHEDULED", "PREPARING", "RUNNING", "PAUSED", "COMPLETED", "CANCELLED"],
};

/** Whether the campaign's state lets it be done; what is archived can only be duplicated. */
export function may(action: Action, campaign: Pick<Campaign, "status" | "archived_at">): boolean {
  if (campaign.archived_at !== null && action !== "duplicate") return false;
  return ALLOWED[action].includes(campaign.status);
}

/** Something still moves by itself. */
export const isMoving = (status: string): boolean => status === "PREPARING" || status === "RUNNING";

/** An audience has been written down, so that there is something to count. */
export const isLaunched = (campaign: Pick<Campaign, "launched_at">): boolean => campaign.launched_at !== null;

export const TYPES: { value: CampaignType; label: string; text: string }[] = [
  { value: "PROMOTIONAL", label: "Promotion", text: "An offer. Leaves out who unsubscribed." },
  { value: "NEWSLETTER", label: "Newsletter", text: "News in general. Leaves out who unsubscribed." },
  { value: "REMINDER", label: "Reminder", text: "Something not to forget. Leaves out who unsubscribed." },
  {
    value: "TRANSACTIONAL",
    label: "Transactional",
    text: "About an order or an account. Also reaches who unsubscribed.",
  },
];

export const typeLabel = (type: string): string =>
  TYPES.find(({ value }) => value === type)?.label ?? type.toLowerCase();
