import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { asProblem, type Problem } from "@/api/problem";
import type { Field } from "./fields";
import { byPart, type Form, type ReadForm, readForm } from "./form";

const WAIT_MS = 60;

export interface PreviewState extends ReadForm {
  preview: Schemas["ShownPreview"] | undefined;
  /** What is shown is of an earlier state of the rule. */
  stale: boolean;
  /** Not about a single condition. */
  error: Problem | null;
  /** What the API objects to, by the id of the part. */
  objections: ReadonlyMap<string, string>;
  retry: () => void;
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Count, sample and words of the rule in the form, following each edit; a question that is overtaken is given up. */
export function usePreview(
  form: Form,
  fields: readonly Field[],
  sample: number,
  enabled = true,
): PreviewState {
  const read = useMemo(() => readForm(form, fields), [form, fields]);
  const text = JSON.stringify(read.rule);
  const [asked] = useDebouncedValue(text, WAIT_MS);
  const query = useQuery({
    queryKey: ["segments", "preview", asked, sample],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/segments/preview", { body: { rules: JSON.parse(asked), sample }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 20_000,
    enabled,
  });
  const problem = query.error && asked === text ? asProblem(query.error) : null;
  const objections = useMemo(
    () => (problem?.status === 400 ? byPart(problem.fields, read.ids) : NOTHING),
    [problem, read.ids],
  );
  return {
    ...read,
    preview: query.data,
    stale: asked !== text || query.isFetching,
    error: objections.size > 0 ? null : problem,
    objections,
    retry: () => query.refetch(),
  };
}
