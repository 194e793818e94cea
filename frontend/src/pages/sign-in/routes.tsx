import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";

export interface SignInSearch {
  next?: string;
  error?: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): SignInSearch => ({
    next: text(search.next),
    error: text(search.error),
  }),
  component: lazyRouteComponent(() => import("./SignInPage"), "SignInPage"),
});

export const signInRoutes = [signIn] as const;
