import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import type { Rule } from "./rule";

/** `words` is the rule as one sentence, `campaigns` how many use it. */
export type Segment = Omit<Schemas["ShownSegment"], "rules"> & { rules: Rule };

export interface SegmentPage {
  items: Segment[];
  next_cursor: string | null;
}

/** Segments, the newest first; `q` is a part of the name. */
export async function listSegments(
  q: string,
  limit: number,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<SegmentPage> {
  const query = { limit, cursor, q: q || undefined };
  return (await answer(api.GET("/api/v1/segments", { params: { query }, signal }))) as unknown as SegmentPage;
}

export const segmentKeys = {
  all: ["segments"] as const,
  list: (q: string) => ["segments", "list", q] as const,
  one: (id: string) => ["segments", "one", id] as const,
  count: (rules: unknown) => ["segments", "count", JSON.stringify(rules)] as const,
};

export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: segmentKeys.one(id),
    queryFn: async ({ signal }) =>
      (await answer(
        api.GET("/api/v1/segments/{segment_id}", { params: { path: { segment_id: id } }, signal }),
      )) as unknown as Segment,
  });

/** How many people a rule matches now. */
export const countQuery = (rules: unknown) =>
  queryOptions({
    queryKey: segmentKeys.count(rules),
    queryFn: async ({ signal }) => {
      const body = { rules: rules as unknown[], sample: 0 };
      return (await answer(api.POST("/api/v1/segments/preview", { body, signal }))).count;
    },
    staleTime: 30_000,
  });
