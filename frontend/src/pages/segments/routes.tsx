import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";

const segments = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments",
  component: lazyRouteComponent(() => import("./SegmentsPage"), "SegmentsPage"),
});

const newSegment = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/new",
  component: lazyRouteComponent(() => import("./NewSegmentPage"), "NewSegmentPage"),
});

const segment = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/$segmentId",
  component: lazyRouteComponent(() => import("./SegmentPage"), "SegmentPage"),
});

export const segmentsRoutes = [segments, newSegment, segment] as const;
