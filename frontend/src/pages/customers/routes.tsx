import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const customers = createRoute({
  getParentRoute: () => shellRoute,
  path: "/customers",
  component: lazyRouteComponent(() => import("./CustomersPage"), "CustomersPage"),
});

const customer = createRoute({
  getParentRoute: () => shellRoute,
  path: "/customers/$customerId",
  component: lazyRouteComponent(() => import("./CustomerPage"), "CustomerPage"),
});

export const customersRoutes = [customers, customer] as const;
