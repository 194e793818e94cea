import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { keys } from "@/api/keys";

export type Dashboard = Schemas["Dashboard"];

export function dashboardQuery(days: number) {
  return queryOptions({
    queryKey: keys.dashboard(days),
    queryFn: ({ signal }): Promise<Dashboard> =>
      answer(api.GET("/api/v1/dashboard", { params: { query: { days } }, signal })),
    placeholderData: keepPreviousData,
  });
}
