import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

export type Service = "ingestion" | "campaigns";

const operations = createRoute({
  getParentRoute: () => shellRoute,
  path: "/operations",
  validateSearch: (search: Record<string, unknown>): { of?: Service } =>
    search.of === "campaigns" ? { of: "campaigns" } : {},
  component: lazyRouteComponent(() => import("./OperationsPage"), "OperationsPage"),
});

export const operationsRoutes = [operations] as const;
