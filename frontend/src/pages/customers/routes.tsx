import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { customerSearch, customersSearch } from "./search";

const customers = createRoute({
  getParentRoute: () => shellRoute,
  path: "/customers",
  validateSearch: customersSearch,
  component: lazyRouteComponent(() => import("./CustomersPage"), "CustomersPage"),
});

const customer = createRoute({
  getParentRoute: () => shellRoute,
  path: "/customers/$customerId",
  validateSearch: customerSearch,
  component: lazyRouteComponent(() => import("./customer/CustomerPage"), "CustomerPage"),
});

export const customersRoutes = [customers, customer] as const;
