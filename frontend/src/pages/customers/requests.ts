import { answer, api, type Schemas } from "@/api/client";
import type { Rule } from "@/rules/rule";
import type { Sort } from "./search";

export type Profile = Schemas["ShownProfile"];
export type ProfileInFull = Schemas["ProfileInFull"];
export type Customer = Schemas["Customer"];
export type Order = Schemas["Order"];
export type TimelineItem = Schemas["TimelineItem"];

export const customerKeys = {
  all: ["customers"] as const,
  list: (...asked: unknown[]) => ["customers", "list", ...asked] as const,
  one: (id: string) => ["customers", "one", id] as const,
  timeline: (id: string, kind?: string) => ["customers", "timeline", id, kind] as const,
  orders: (id: string) => ["customers", "orders", id] as const,
};

interface Asked {
  q: string;
  sort: Sort;
  rules: Rule | undefined;
}

export function listProfiles(asked: Asked, limit: number, cursor: string | undefined, signal: AbortSignal) {
  const rules = asked.rules && JSON.stringify(asked.rules);
  const query = { q: asked.q || undefined, sort: asked.sort, rules, limit, cursor };
  return answer(api.GET("/api/v1/profiles", { params: { query }, signal }));
}

const at = (customerId: string) => ({ path: { customer_id: customerId } });

export const getProfile = (customerId: string, signal: AbortSignal) =>
  answer(api.GET("/api/v1/profiles/{customer_id}", { params: at(customerId), signal }));

/** As the Master DB has it, with the opening balance. */
export const getCustomer = (customerId: string, signal: AbortSignal) =>
  answer(api.GET("/api/v1/customers/{customer_id}", { params: at(customerId), signal }));

export function listOrders(customerId: string, cursor: string | undefined, signal: AbortSignal) {
  const params = { ...at(customerId), query: { limit: 50, cursor } };
  return answer(api.GET("/api/v1/customers/{customer_id}/orders", { params, signal }));
}

export function listTimeline(
  customerId: string,
  kind: TimelineItem["kind"] | undefined,
  cursor: string | undefined,
  signal: AbortSignal,
) {
  const params = { ...at(customerId), query: { limit: 50, cursor, kind: kind as "message" | undefined } };
  return answer(api.GET("/api/v1/profiles/{customer_id}/timeline", { params, signal }));
}

/** `done`: it is so now; otherwise it will be in a moment. */
export async function correctCustomer(customerId: string, body: Schemas["CustomerPatch"]): Promise<boolean> {
  const said = await answer(api.PATCH("/api/v1/customers/{customer_id}", { params: at(customerId), body }));
  return "customer_id" in said;
}

export async function eraseCustomer(customerId: string): Promise<boolean> {
  const said = await answer(api.DELETE("/api/v1/customers/{customer_id}", { params: at(customerId) }));
  return !said;
}

export const exportCustomer = (customerId: string) =>
  answer(api.GET("/api/v1/customers/{customer_id}/export", { params: at(customerId) }));

export const suppress = (customerId: string, note: string) =>
  answer(api.POST("/api/v1/suppressions", { body: { customer_id: customerId, note: note || null } }));

export const unsuppress = (suppressionId: string) =>
  answer(
    api.DELETE("/api/v1/suppressions/{suppression_id}", {
      params: { path: { suppression_id: suppressionId } },
    }),
  );
