import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "@/app/root";
import { SUBJECTS } from "./words";

export interface AuditSearch {
  /** What it was done to: campaign, person. */
  kind?: string;
  /** Only this one of them. */
  subject?: string;
  /** Who did it. */
  actor?: string;
}

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);

const audit = createRoute({
  getParentRoute: () => shellRoute,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>): AuditSearch => {
    const kind = text(search.kind);
    return {
      kind: kind && kind in SUBJECTS ? kind : undefined,
      subject: text(search.subject),
      actor: text(search.actor),
    };
  },
  component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
});

export const auditRoutes = [audit] as const;
