import { answer, api, type Schemas } from "@/api/client";
import type {
  Campaign,
  Message,
  MessageInFull,
  MessageState,
  Numbers,
  Preflight,
  Stats,
  Status,
  TextsPreview,
  Trial,
  Vendor,
} from "./model";

/** What is asked of the API about campaigns. Each throws a `Problem`. */

interface Page<Row> {
  items: Row[];
  next_cursor: string | null;
}

const path = (campaignId: string) => ({ path: { campaign_id: campaignId } });

export interface CampaignFilter {
  status?: Status;
  archived?: boolean;
  q?: string;
}

export async function listCampaigns(
  filter: CampaignFilter,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Page<Campaign>> {
  const query = { limit: 50, cursor, ...filter };
  return (await answer(api.GET("/api/v1/campaigns", { params: { query }, signal }))) as Page<Campaign>;
}

export const getCampaign = (id: string, signal?: AbortSignal): Promise<Campaign> =>
  answer(api.GET("/api/v1/campaigns/{campaign_id}", { params: path(id), signal }));

export const createCampaign = (body: Schemas["NewCampaign"]): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns", { body }));

export const changeCampaign = (id: string, body: Schemas["CampaignChanges"]): Promise<Campaign> =>
  answer(api.PATCH("/api/v1/campaigns/{campaign_id}", { params: path(id), body }));

export const pauseCampaign = (id: string): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/pause", { params: path(id) }));

export const resumeCampaign = (id: string): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/resume", { params: path(id) }));

export const cancelCampaign = (id: string): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/cancel", { params: path(id) }));

export const duplicateCampaign = (id: string): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/duplicate", { params: path(id) }));

export const archiveCampaign = (id: string): Promise<Campaign> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/archive", { params: path(id) }));

export const launchCampaign = (id: string, planToken: string): Promise<Campaign> =>
  answer(
    api.POST("/api/v1/campaigns/{campaign_id}/launch", {
      params: path(id),
      body: { plan_token: planToken },
    }),
  );

/** null takes it off the schedule. */
export const scheduleCampaign = (
  id: string,
  scheduledAt: string | null,
  planToken: string | null = null,
): Promise<Campaign> =>
  answer(
    api.POST("/api/v1/campaigns/{campaign_id}/schedule", {
      params: path(id),
      body: { scheduled_at: scheduledAt, plan_token: planToken },
    }),
  );

export const preflightCampaign = (id: string, signal?: AbortSignal): Promise<Preflight> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/preview", { params: path(id), signal }));

export const testCampaign = (id: string, body: Schemas["TestInput"]): Promise<Trial> =>
  answer(api.POST("/api/v1/campaigns/{campaign_id}/test", { params: path(id), body }));

export const previewTexts = (body: Schemas["TextsInput"], signal: AbortSignal): Promise<TextsPreview> =>
  answer(api.POST("/api/v1/templates/preview", { body, signal }));

export const getStats = (id: string, signal?: AbortSignal): Promise<Stats> =>
  answer(api.GET("/api/v1/campaigns/{campaign_id}/stats", { params: path(id), signal }));

export async function listMessages(
  id: string,
  filter: { state?: MessageState; q?: string },
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<Page<Message>> {
  const params = { ...path(id), query: { limit: 100, cursor, ...filter } };
  const sent = api.GET("/api/v1/campaigns/{campaign_id}/messages", { params, signal });
  return (await answer(sent)) as Page<Message>;
}

const pathOfMessage = (id: string) => ({ path: { message_id: id } });

export const getMessage = (id: string, signal?: AbortSignal): Promise<MessageInFull> =>
  answer(api.GET("/api/v1/messages/{message_id}", { params: pathOfMessage(id), signal }));

export const resendMessage = (id: string): Promise<MessageInFull> =>
  answer(api.POST("/api/v1/messages/{message_id}/resend", { params: pathOfMessage(id) }));

export const giveUpMessage = (id: string): Promise<MessageInFull> =>
  answer(api.POST("/api/v1/messages/{message_id}/give-up", { params: pathOfMessage(id) }));

export async function listVendors(signal?: AbortSignal): Promise<Vendor[]> {
  return (await answer(api.GET("/api/v1/vendors", { signal }))).items as Vendor[];
}

const MOST_A_PAGE = 1000;

/** All campaigns with their numbers, every page of them. */
export async function listAllNumbers(archived: boolean, signal: AbortSignal): Promise<Numbers[]> {
  const all: Numbers[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: MOST_A_PAGE, archived, cursor };
    const page = await answer(api.GET("/api/v1/campaignStats", { params: { query }, signal }));
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
