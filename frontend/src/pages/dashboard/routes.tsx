import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { DEFAULT_DAYS, PERIODS } from "./periods";

const dashboard = createRoute({
  getParentRoute: () => shellRoute,
  path: "/dashboard",
  validateSearch: (search: Record<string, unknown>): { days?: number } => {
    const days = Number(search.days);
    return PERIODS.some((period) => period.days === days) && days !== DEFAULT_DAYS ? { days } : {};
  },
  component: lazyRouteComponent(() => import("./DashboardPage"), "DashboardPage"),
});

export const dashboardRoutes = [dashboard] as const;
