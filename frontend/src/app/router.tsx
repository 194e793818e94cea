import { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { Problem } from "@/api/problem";
import { auditRoutes } from "@/pages/audit/routes";
import { campaignStatsRoutes } from "@/pages/campaign-stats/routes";
import { campaignsRoutes } from "@/pages/campaigns/routes";
import { customersRoutes } from "@/pages/customers/routes";
import { dashboardRoutes } from "@/pages/dashboard/routes";
import { keysRoutes } from "@/pages/keys/routes";
import { operationsRoutes } from "@/pages/operations/routes";
import { peopleRoutes } from "@/pages/people/routes";
import { segmentsRoutes } from "@/pages/segments/routes";
import { signInRoutes } from "@/pages/sign-in/routes";
import { NotFound, PageFailed, Pending } from "./errors";
import { rootRoute, shellRoute } from "./root";

const start = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/dashboard", replace: true });
  },
});

const routeTree = rootRoute.addChildren([
  start,
  ...signInRoutes,
  shellRoute.addChildren([
    ...dashboardRoutes,
    ...customersRoutes,
    ...segmentsRoutes,
    ...campaignsRoutes,
    ...campaignStatsRoutes,
    ...peopleRoutes,
    ...keysRoutes,
    ...auditRoutes,
    ...operationsRoutes,
  ]),
]);

const MOST_RETRIES = 4;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // What is away for a moment is asked again; what was refused is not.
      retry: (failures, error) => error instanceof Problem && error.passes && failures < MOST_RETRIES,
      retryDelay: (failures, error) =>
        (error instanceof Problem && error.retryAfterS ? error.retryAfterS : 2 ** failures) * 1_000,
    },
  },
});

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: PageFailed,
  defaultPendingComponent: Pending,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
