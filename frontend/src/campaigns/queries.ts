import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { getCampaign, getMessage, getStats, listAllNumbers, listVendors } from "./requests";

export const campaignKeys = {
  lists: ["campaigns"] as const,
  numbers: (archived: boolean) => ["campaigns", "numbers", archived] as const,
  messages: (id: string) => ["campaign", id, "messages"] as const,
  message: (id: string) => ["message", id] as const,
};

export const campaignQuery = (id: string) =>
  queryOptions({ queryKey: keys.campaign(id), queryFn: ({ signal }) => getCampaign(id, signal) });

export const statsQuery = (id: string) =>
  queryOptions({ queryKey: keys.campaignStats(id), queryFn: ({ signal }) => getStats(id, signal) });

export const messageQuery = (id: string) =>
  queryOptions({ queryKey: campaignKeys.message(id), queryFn: ({ signal }) => getMessage(id, signal) });

/** The numbers of every campaign: of the archived ones, or of the others. */
export const numbersQuery = (archived: boolean) =>
  queryOptions({
    queryKey: campaignKeys.numbers(archived),
    queryFn: ({ signal }) => listAllNumbers(archived, signal),
    staleTime: 10_000,
  });

export const vendorsQuery = queryOptions({
  queryKey: ["vendors"],
  queryFn: ({ signal }) => listVendors(signal),
});

/** The keys of attributes that customers have. */
export const attributesQuery = queryOptions({
  queryKey: ["segments", "attributes"],
  queryFn: async ({ signal }) => {
    const { fields } = await answer(api.GET("/api/v1/segments/fields", { signal }));
    const names = fields.map(({ name }) => name).filter((name) => name.startsWith("attributes."));
    return names.map((name) => name.slice("attributes.".length));
  },
  staleTime: 60_000,
});
