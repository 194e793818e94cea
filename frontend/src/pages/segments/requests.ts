import { answer, api } from "@/api/client";
import type { Rule } from "@/rules/rule";
import type { Segment } from "@/rules/segments";

export interface Draft {
  name: string;
  description: string;
  rules: Rule;
}

const bodyOf = ({ name, description, rules }: Draft) => ({ name, description, rules: rules as never });

export async function createSegment(draft: Draft): Promise<Segment> {
  return (await answer(api.POST("/api/v1/segments", { body: bodyOf(draft) }))) as unknown as Segment;
}

export async function replaceSegment(segmentId: string, draft: Draft): Promise<Segment> {
  const params = { path: { segment_id: segmentId } };
  const sent = api.PUT("/api/v1/segments/{segment_id}", { params, body: bodyOf(draft) });
  return (await answer(sent)) as unknown as Segment;
}

export const deleteSegment = (segmentId: string) =>
  answer(api.DELETE("/api/v1/segments/{segment_id}", { params: { path: { segment_id: segmentId } } }));
