import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { type Rule, readRule } from "@/rules/rule";

type Given = Record<string, unknown>;

/** Words in an address that look like numbers come as numbers. */
const text = (given: unknown): string | undefined =>
  (typeof given === "string" && given !== "") || typeof given === "number" ? String(given) : undefined;

const segments = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments",
  validateSearch: (given: Given): { q?: string } => ({ q: text(given.q) }),
  component: lazyRouteComponent(() => import("./SegmentsPage"), "SegmentsPage"),
});

const newSegment = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/new",
  /** The rule to begin with. */
  validateSearch: (given: Given): { rules?: Rule } => ({ rules: readRule(given.rules) ?? undefined }),
  component: lazyRouteComponent(() => import("./SegmentPage"), "NewSegmentPage"),
});

const segment = createRoute({
  getParentRoute: () => shellRoute,
  path: "/segments/$segmentId",
  /** The customer whose verdict is shown. */
  validateSearch: (given: Given): { why?: string } => ({ why: text(given.why) }),
  component: lazyRouteComponent(() => import("./SegmentPage"), "SegmentPage"),
});

export const segmentsRoutes = [segments, newSegment, segment] as const;
