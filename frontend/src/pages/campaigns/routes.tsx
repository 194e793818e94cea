import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { detailSearch, editSearch, listSearch, newSearch } from "./search";

const campaigns = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./list/CampaignsPage"), "CampaignsPage"),
});

const newCampaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/new",
  validateSearch: newSearch,
  component: lazyRouteComponent(() => import("./editor/NewCampaignPage"), "NewCampaignPage"),
});

const campaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/$campaignId",
  validateSearch: detailSearch,
  component: lazyRouteComponent(() => import("./detail/CampaignPage"), "CampaignPage"),
});

const editCampaign = createRoute({
  getParentRoute: () => shellRoute,
  path: "/campaigns/$campaignId/edit",
  validateSearch: editSearch,
  component: lazyRouteComponent(() => import("./editor/EditCampaignPage"), "EditCampaignPage"),
});

export const campaignsRoutes = [campaigns, newCampaign, campaign, editCampaign] as const;
