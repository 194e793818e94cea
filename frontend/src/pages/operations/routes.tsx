import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const operations = createRoute({
  getParentRoute: () => shellRoute,
  path: "/operations",
  component: lazyRouteComponent(() => import("./OperationsPage"), "OperationsPage"),
});

export const operationsRoutes = [operations] as const;
