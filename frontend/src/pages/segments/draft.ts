import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import { emptyForm, type Form, fingerprint, formOf } from "@/rules/form";
import type { Rule } from "@/rules/rule";
import { hasConditions } from "@/rules/rule";
import { type Segment, segmentKeys } from "@/rules/segments";
import { createSegment, replaceSegment } from "./requests";

export interface SegmentDraft {
  name: string;
  description: string;
  form: Form;
  setName: (name: string) => void;
  setDescription: (description: string) => void;
  setForm: (form: Form) => void;
  /** Something differs from what is kept. */
  changed: boolean;
}

const begin = (rules: Rule): Form =>
  hasConditions(rules) || rules.rules.length > 0 ? formOf(rules) : emptyForm();

/** What is being written of a segment, beside what is kept of it. */
export function useDraft(segment: Segment | null, rules: Rule): SegmentDraft {
  const [name, setName] = useState(segment?.name ?? "");
  const [description, setDescription] = useState(segment?.description ?? "");
  const [form, setForm] = useState(() => begin(rules));
  const kept = useMemo(() => fingerprint(segment ? begin(segment.rules) : emptyForm()), [segment]);
  const changed =
    name !== (segment?.name ?? "") ||
    description !== (segment?.description ?? "") ||
    fingerprint(form) !== kept;
  return { name, description, form, setName, setDescription, setForm, changed };
}

export interface Saving {
  save: (name: string, asCopy: boolean) => Promise<Segment>;
  busy: boolean;
  problem: Problem | null;
}

/** Keeps the draft: as the segment that it is of, or as another one. */
export function useSaving(segment: Segment | null, draft: SegmentDraft, rules: Rule): Saving {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: ({ name, asCopy }: { name: string; asCopy: boolean }) => {
      const body = { name: name.trim(), description: draft.description, rules };
      return segment && !asCopy ? replaceSegment(segment.segment_id, body) : createSegment(body);
    },
    onSuccess: (saved) => {
      client.setQueryData(segmentKeys.one(saved.segment_id), saved);
      client.invalidateQueries({ queryKey: [...segmentKeys.all, "list"] });
    },
  });
  const { reset } = mutation;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was refused is no more what is there
  useEffect(reset, [draft.name, draft.description, draft.form]);
  return {
    save: (name, asCopy) => mutation.mutateAsync({ name, asCopy }),
    busy: mutation.isPending,
    problem: mutation.error ? asProblem(mutation.error) : null,
  };
}
