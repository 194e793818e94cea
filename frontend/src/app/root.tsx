import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, redirect } from "@tanstack/react-router";
import { Problem } from "@/api/problem";
import { sessionQuery } from "@/api/session";
import { NotFound, PageFailed } from "./errors";
import { Shell } from "./Shell";

/** The parents of all routes. Pages add theirs in `pages/<page>/routes.tsx`. */

export const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
});

/** Everything that needs somebody to be signed in, inside the shell. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { next: location.href } });
      }
      throw error;
    }
  },
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: PageFailed,
});
