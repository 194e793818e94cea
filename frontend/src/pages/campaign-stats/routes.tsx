import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { MEASURE_KEYS, type MeasureKey, type SortKey } from "./measures";

export interface CampaignStatsSearch {
  /** What the chart and narrow screens show. */
  measure?: MeasureKey;
  sort?: SortKey;
  ascending?: true;
  archived?: true;
  q?: string;
}

const SORTS: readonly SortKey[] = ["name", "launched", ...MEASURE_KEYS];

const yes = (given: unknown): true | undefined => (given === true || given === "true" ? true : undefined);

const campaignStats = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaignStats",
  validateSearch: (given: Record<string, unknown>): CampaignStatsSearch => ({
    measure: MEASURE_KEYS.find((key) => key === given.measure),
    sort: SORTS.find((key) => key === given.sort),
    ascending: yes(given.ascending),
    archived: yes(given.archived),
    q: given.q === undefined || given.q === "" ? undefined : String(given.q),
  }),
  component: lazyRouteComponent(() => import("./CampaignStatsPage"), "CampaignStatsPage"),
});

export const campaignStatsRoutes = [campaignStats] as const;
