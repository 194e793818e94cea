import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const campaigns = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns",
  component: lazyRouteComponent(() => import("./CampaignsPage"), "CampaignsPage"),
});

const newCampaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/new",
  component: lazyRouteComponent(() => import("./NewCampaignPage"), "NewCampaignPage"),
});

const campaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/$campaignId",
  component: lazyRouteComponent(() => import("./CampaignPage"), "CampaignPage"),
});

const editCampaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/$campaignId/edit",
  component: lazyRouteComponent(() => import("./EditCampaignPage"), "EditCampaignPage"),
});

export const campaignsRoutes = [campaigns, newCampaign, campaign, editCampaign] as const;
