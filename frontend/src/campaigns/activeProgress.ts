import { skipToken, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "@/api/keys";
import { type LiveState, useLive } from "@/api/live";
import type { Counters } from "./model";

/** A campaign that is under way, as the stream tells it. */
export type Active = Counters & { campaign_id: string; status: string };

/** What the stream says of campaigns under way, by id, and whether it is there. */
export function useActiveProgress(): { active: ReadonlyMap<string, Active>; live: LiveState } {
  const live = useLive("campaigns");
  const told = useQuery<unknown>({ queryKey: keys.campaignsProgress, queryFn: skipToken }).data;
  const active = useMemo(() => new Map(rowsOf(told).map((row) => [row.campaign_id, row])), [told]);
  return { active, live };
}

function rowsOf(told: unknown): Active[] {
  if (Array.isArray(told)) return told;
  const named = told as { items?: Active[]; campaigns?: Active[] } | undefined;
  return named?.items ?? named?.campaigns ?? [];
}
