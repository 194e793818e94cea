import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { Campaign, Preflight } from "@/campaigns/model";
import { preflightCampaign } from "@/campaigns/requests";

const ANEW_MS = 10 * 60_000;

/** What a launch would do now; asked again before its plan, good for a quarter of an hour, runs out. */
export function usePreflight(campaign: Campaign, saved: boolean): UseQueryResult<Preflight> {
  const { campaign_id, updated_at } = campaign;
  return useQuery({
    queryKey: ["preflight", campaign_id, updated_at],
    queryFn: ({ signal }) => preflightCampaign(campaign_id, signal),
    enabled: saved,
    staleTime: 60_000,
    refetchInterval: ANEW_MS,
    gcTime: 0,
  });
}
