import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { keys } from "@/api/keys";
import { showDone, showProblem } from "@/parts/toasts";
import type { Campaign } from "./model";
import { campaignKeys } from "./queries";
import {
  cancelCampaign,
  duplicateCampaign,
  pauseCampaign,
  resumeCampaign,
  scheduleCampaign,
} from "./requests";

export interface CampaignActions {
  pause: (campaign: Campaign) => Promise<void>;
  resume: (campaign: Campaign) => Promise<void>;
  cancel: (campaign: Campaign) => Promise<void>;
  unschedule: (campaign: Campaign) => Promise<void>;
  /** Opens the copy. */
  duplicate: (campaign: Campaign) => Promise<void>;
  /** What is shown follows what the API answered. */
  keep: (campaign: Campaign) => void;
}

/** What is done to a campaign with one click. Each says in a toast what came of it. */
export function useCampaignActions(): CampaignActions {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMemo(() => {
    const keep = (campaign: Campaign) => {
      client.setQueryData(keys.campaign(campaign.campaign_id), campaign);
      client.invalidateQueries({ queryKey: keys.campaignStats(campaign.campaign_id) });
      client.invalidateQueries({ queryKey: campaignKeys.lists });
    };
    const act = async (sent: Promise<Campaign>, done: string) => {
      try {
        keep(await sent);
        showDone(done);
      } catch (error) {
        client.invalidateQueries({ queryKey: campaignKeys.lists });
        client.invalidateQueries({ queryKey: ["campaign"] });
        showProblem(error);
      }
    };
    return {
      keep,
      pause: ({ campaign_id, name }) =>
        act(pauseCampaign(campaign_id), `“${name}” is paused. What is on its way still arrives.`),
      resume: ({ campaign_id, name }) => act(resumeCampaign(campaign_id), `“${name}” goes on`),
      cancel: ({ campaign_id, name }) => act(cancelCampaign(campaign_id), `“${name}” is cancelled`),
      unschedule: ({ campaign_id, name }) =>
        act(scheduleCampaign(campaign_id, null), `“${name}” is a draft again`),
      duplicate: async ({ campaign_id }) => {
        try {
          const copy = await duplicateCampaign(campaign_id);
          keep(copy);
          showDone(`“${copy.name}” is ready to edit`);
          await navigate({
            to: "/campaigns/$campaignId/edit",
            params: { campaignId: copy.campaign_id },
          });
        } catch (error) {
          showProblem(error);
        }
      },
    };
  }, [client, navigate]);
}
