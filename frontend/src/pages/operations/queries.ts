import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";

export const campaignsQuery = queryOptions({
  queryKey: keys.operations,
  queryFn: ({ signal }) => answer(api.GET("/api/v1/operations", { signal })),
});

export const ingestionQuery = queryOptions({
  queryKey: ["operations", "ingestion"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/ingestion/operations", { signal })),
  refetchInterval: 3_000,
});

export const vendorsQuery = queryOptions({
  queryKey: ["operations", "vendors"],
  queryFn: ({ signal }) => answer(api.GET("/api/v1/vendors", { signal })),
  refetchInterval: 10_000,
});
