import { Card, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useCan } from "@/api/session";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { RuleBuilder } from "@/rules/builder/RuleBuilder";
import type { Field } from "@/rules/fields";
import { byPart, countConditions, formOf } from "@/rules/form";
import { PlainWords } from "@/rules/plain/PlainWords";
import { usePreview } from "@/rules/preview";
import type { Rule } from "@/rules/rule";
import { StartingPoints } from "@/rules/StartingPoints";
import type { Segment } from "@/rules/segments";
import { AudienceCard } from "./AudienceCard";
import { useDraft, useSaving } from "./draft";
import { EditorActions } from "./EditorActions";
import { LeaveGuard } from "./LeaveGuard";
import { SaveBar } from "./SaveBar";
import classes from "./segments.module.css";
import { useWhy } from "./useWhy";
import { WhyCard } from "./WhyCard";

interface Props {
  /** null for one that is not kept yet. */
  segment: Segment | null;
  /** The rule to begin with. */
  rules: Rule;
  fields: readonly Field[];
}

const SAMPLE = 6;

export function SegmentEditor({ segment, rules, fields }: Props) {
  const navigate = useNavigate();
  const mayChange = useCan("marketer");
  const draft = useDraft(segment, rules);
  const state = usePreview(draft.form, fields, SAMPLE);
  const saving = useSaving(segment, draft, state.rule);
  const why = useWhy(segment);
  const nameRef = useRef<HTMLInputElement>(null);
  /** What was not whole when it was to be saved, by id: it is said there. */
  const [tried, setTried] = useState<ReadonlySet<string> | null>(null);
  const leaving = useRef(false);
  const isEmpty = draft.form.rules.length === 0;
  const nameMissing = draft.name.trim() === "";

  const refused = saving.problem?.status === 400 ? saving.problem : null;
  const messages = useMemo(
    () =>
      new Map([
        ...(refused ? byPart(refused.fields, state.ids) : []),
        ...[...state.lacking].filter(([id]) => tried?.has(id)),
        ...state.objections,
      ]),
    [refused, tried, state.lacking, state.objections, state.ids],
  );

  const save = async (name = draft.name, asCopy = false) => {
    setTried(new Set(state.lacking.keys()));
    if (name.trim() === "") return nameRef.current?.focus();
    if (state.lacking.size > 0) return;
    try {
      const saved = await saving.save(name, asCopy);
      showDone(asCopy || !segment ? `Segment “${saved.name}” made` : "Changes saved");
      setTried(null);
      if (segment?.segment_id !== saved.segment_id) {
        leaving.current = true;
        const params = { segmentId: saved.segment_id };
        await navigate({ to: "/segments/$segmentId", params, replace: segment === null });
      } else {
        draft.setName(saved.name);
        draft.setDescription(saved.description);
        draft.setForm(formOf(saved.rules));
      }
    } catch {
      // What was refused is shown where it belongs.
    }
  };
  useHotkeys([["mod+S", () => void (mayChange && save())]], []);

  const nameProblem =
    tried && nameMissing
      ? "Give it a name."
      : saving.problem?.status === 409
        ? saving.problem.detail
        : refused?.byField.name && `The name ${refused.byField.name}.`;
  const elsewhere =
    saving.problem && saving.problem.status !== 409 && messages.size === 0 && !nameProblem
      ? saving.problem
      : null;
  const actions = {
    segment,
    mayChange,
    changed: draft.changed,
    isEmpty,
    busy: saving.busy,
    name: draft.name,
    onSave: save,
  };
  return (
    <>
      <LeaveGuard when={() => draft.changed && mayChange && !leaving.current} />
      <PageHeader
        title={segment ? draft.name || segment.name : "New segment"}
        back={{ to: "/segments", label: "Segments" }}
        actions={<EditorActions {...actions} />}
      />
      <div className={classes.layout}>
        <Stack gap="md" miw={0}>
          <ProblemAlert error={elsewhere} />
          <Card>
            <Stack gap="sm">
              <TextInput
                ref={nameRef}
                label="Name"
                withAsterisk
                maxLength={255}
                placeholder="Lapsed big spenders"
                value={draft.name}
                readOnly={!mayChange}
                onChange={(event) => draft.setName(event.currentTarget.value)}
                onKeyDown={(event) => event.key === "Enter" && mayChange && save()}
                error={nameProblem}
                data-autofocus={segment ? undefined : true}
              />
              <Textarea
                label="Description"
                placeholder="What it is for, when the name does not say it"
                autosize
                minRows={1}
                maxRows={6}
                maxLength={2000}
                value={draft.description}
                readOnly={!mayChange}
                onChange={(event) => draft.setDescription(event.currentTarget.value)}
                error={refused?.byField.description}
              />
            </Stack>
          </Card>
          <PlainWords form={draft.form} onChange={draft.setForm} fields={fields} />
          <Card component="section" aria-label="Rule">
            <Stack gap="md">
              <RuleBuilder form={draft.form} onChange={draft.setForm} fields={fields} messages={messages} />
              {[...state.lacking.keys()].some((id) => !messages.has(id)) && (
                <Text size="sm" c="dimmed" role="status">
                  {state.lacking.size === 1
                    ? "One part is not complete yet, and not counted."
                    : `${state.lacking.size} parts are not complete yet, and not counted.`}
                </Text>
              )}
              {isEmpty && (
                <StartingPoints
                  onChoose={(point) => {
                    draft.setForm(formOf(point.rules));
                    if (nameMissing) draft.setName(point.name);
                  }}
                />
              )}
            </Stack>
          </Card>
          <WhyCard why={why} rule={state.rule} fields={fields} disabled={countConditions(draft.form) === 0} />
        </Stack>
        <aside className={classes.side} aria-label="Who matches">
          <AudienceCard state={state} onWhy={why.choose} />
        </aside>
      </div>
      <SaveBar state={state} actions={actions} />
    </>
  );
}
