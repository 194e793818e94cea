import type { Schemas } from "@/api/client";
import type { Campaign } from "@/campaigns/model";

/** What of a campaign is written in the editor. */
export interface Fields {
  name: string;
  segment_id: string;
  subject: string | null;
  message_template: string;
  html_template: string | null;
  campaign_type: Campaign["campaign_type"];
  vendor: string;
  holdout_percent: number;
  track: boolean;
}

export type Texts = Pick<Fields, "subject" | "message_template" | "html_template">;

/** Changes some fields. */
export type Change = (changes: Partial<Fields>) => void;

/** What is wrong, by field. */
export type FieldErrors = Record<string, string>;

export const STARTER_TEXT =
  'Hi {{ first_name | default: "there" }},\n\n\n\nTo stop these messages: {{ unsubscribe_url }}';

export function fieldsOf(campaign: Campaign): Fields {
  return {
    name: campaign.name,
    segment_id: campaign.segment_id,
    subject: campaign.subject,
    message_template: campaign.message_template,
    html_template: campaign.html_template,
    campaign_type: campaign.campaign_type,
    vendor: campaign.vendor,
    holdout_percent: campaign.holdout_percent,
    track: campaign.track,
  };
}

/** What the API takes: blank texts are none. */
export function toChanges(changes: Partial<Fields>): Schemas["CampaignChanges"] {
  const { html_template, subject } = changes;
  return {
    ...changes,
    ...(html_template === undefined ? {} : { html_template: html_template?.trim() ? html_template : null }),
    ...(subject === undefined ? {} : { subject: subject?.trim() ? subject : null }),
  };
}

const PLACES: Record<string, string> = {
  message_template: "The text",
  html_template: "The HTML",
  subject: "The subject",
};

export const placeOf = (field: string): string => PLACES[field] ?? field;
