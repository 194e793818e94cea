import { useDebouncedValue } from "@mantine/hooks";
import { IconFilter, IconSend, IconUser } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { answer, api } from "@/api/client";
import type { Command } from "./commands";

const MOST = 4;
const SHORTEST = 2;

async function look(q: string, signal: AbortSignal) {
  const asked = { params: { query: { q, limit: MOST } }, signal };
  const [customers, segments, campaigns] = await Promise.all([
    answer(api.GET("/api/v1/profiles", asked)),
    answer(api.GET("/api/v1/segments", asked)),
    answer(api.GET("/api/v1/campaigns", asked)),
  ]);
  return { customers: customers.items, segments: segments.items, campaigns: campaigns.items };
}

/** Customers, segments and campaigns with these words, by group. */
export function useFindings(query: string): { group: string; commands: Command[] }[] {
  const router = useRouter();
  const [words] = useDebouncedValue(query.trim(), 150);
  const { data } = useQuery({
    queryKey: ["palette", words],
    queryFn: ({ signal }) => look(words, signal),
    enabled: words.length >= SHORTEST,
    placeholderData: keepPreviousData,
  });
  if (!data || query.trim().length < SHORTEST) return [];
  const keywords = [query];
  return [
    {
      group: "Customers",
      commands: data.customers.map(({ customer_id, name, email }) => ({
        id: customer_id,
        label: name,
        description: email,
        icon: IconUser,
        keywords,
        run: () => router.navigate({ to: "/customers/$customerId", params: { customerId: customer_id } }),
      })),
    },
    {
      group: "Segments",
      commands: data.segments.map(({ segment_id, name }) => ({
        id: segment_id,
        label: name,
        icon: IconFilter,
        keywords,
        run: () => router.navigate({ to: "/segments/$segmentId", params: { segmentId: segment_id } }),
      })),
    },
    {
      group: "Campaigns",
      commands: data.campaigns.map(({ campaign_id, name }) => ({
        id: campaign_id,
        label: name,
        icon: IconSend,
        keywords,
        run: () => router.navigate({ to: "/campaigns/$campaignId", params: { campaignId: campaign_id } }),
      })),
    },
  ];
}
