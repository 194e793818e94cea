import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { asProblem } from "@/api/problem";
import type { TextsPreview } from "@/campaigns/model";
import { previewTexts } from "@/campaigns/requests";
import { type FieldErrors, type Fields, toChanges } from "./fields";
import { errorsByField } from "./useDraft";

const SAMPLES = 10;

export interface Preview {
  /** The last that could be made. */
  data: TextsPreview | undefined;
  /** It is not yet about what is written now. */
  stale: boolean;
  /** What is wrong with the texts, by field. */
  errors: FieldErrors;
  /** What else went wrong. */
  problem: unknown;
  retry: () => void;
}

type Asked = Pick<Fields, "segment_id" | "subject" | "message_template" | "html_template" | "campaign_type">;

/** What the texts say to real people, a moment after each keystroke. */
export function usePreview(fields: Asked): Preview {
  const { segment_id, subject, message_template, html_template, campaign_type } = fields;
  const written = JSON.stringify({ segment_id, subject, message_template, html_template, campaign_type });
  const [asked] = useDebouncedValue(written, 350);
  const query = useQuery({
    queryKey: ["texts-preview", asked],
    queryFn: ({ signal }) => {
      const texts = JSON.parse(asked) as Asked;
      const { subject, html_template } = toChanges(texts);
      return previewTexts({ ...texts, subject, html_template, samples: SAMPLES }, signal);
    },
    enabled: message_template.trim() !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
  });
  const last = useRef<TextsPreview>(undefined);
  last.current = query.data ?? last.current;
  const refused = query.error !== null && asProblem(query.error).status === 400;
  const errors = refused ? errorsByField(query.error) : {};
  return {
    data: last.current,
    stale: query.isPlaceholderData || asked !== written || query.isError,
    errors: message_template.trim() === "" ? { message_template: "Write what it should say" } : errors,
    problem: refused ? null : query.error,
    retry: query.refetch,
  };
}
