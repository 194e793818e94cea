import { skipToken, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { keys } from "@/api/keys";
import { type LiveState, useLive } from "@/api/live";
import type { Numbers } from "./model";

/** What the stream says of campaigns that move, or came to their end a moment ago, by id; and whether it is there. */
export function useActiveProgress(): { active: ReadonlyMap<string, Numbers>; live: LiveState } {
  const live = useLive("campaigns");
  const told = useQuery<{ items: Numbers[] }>({ queryKey: keys.campaignsProgress, queryFn: skipToken }).data;
  const active = useMemo(() => new Map(told?.items.map((row) => [row.campaign_id, row])), [told]);
  return { active, live };
}
