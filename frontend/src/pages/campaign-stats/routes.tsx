import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const campaignStats = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaignStats",
  component: lazyRouteComponent(() => import("./CampaignStatsPage"), "CampaignStatsPage"),
});

export const campaignStatsRoutes = [campaignStats] as const;
