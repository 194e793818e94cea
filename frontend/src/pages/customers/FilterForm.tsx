import { Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useCan } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { RuleBuilder } from "@/rules/builder/RuleBuilder";
import { useFields, withUnlisted } from "@/rules/fields";
import { emptyForm, formOf } from "@/rules/form";
import { usePreview } from "@/rules/preview";
import { hasConditions, type Rule } from "@/rules/rule";
import { SegmentPicker } from "@/rules/SegmentPicker";
import { StartingPoints } from "@/rules/StartingPoints";
import { plural } from "@/words/numbers";
import classes from "./customers.module.css";

interface Props {
  rules: Rule | undefined;
  onApply: (rules: Rule | undefined) => void;
}

const NONE: Rule = { combinator: "and", rules: [] };

export function FilterForm({ rules, onApply }: Props) {
  const [form, setForm] = useState(() => (rules ? formOf(rules) : emptyForm()));
  const [segmentId, setSegmentId] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const { fields, loading, error } = useFields();
  const [loaded, setLoaded] = useState<Rule>(rules ?? NONE);
  const all = useMemo(() => withUnlisted(fields, loaded), [fields, loaded]);
  const state = usePreview(form, all, 0, !loading);
  const mayKeep = useCan("marketer");
  const messages = useMemo(
    () => new Map([...(tried ? state.lacking : []), ...state.objections]),
    [tried, state.lacking, state.objections],
  );
  const apply = () => {
    setTried(true);
    if (state.lacking.size === 0) onApply(hasConditions(state.rule) ? state.rule : undefined);
  };
  if (loading) return null;
  return (
    <>
      <Stack gap="md" className={classes.drawerScroll}>
        <ProblemAlert error={error} />
        <SegmentPicker
          label="Begin with a segment"
          withSummary={false}
          clearable
          value={segmentId}
          onChange={(id, segment) => {
            setSegmentId(id);
            if (!segment) return;
            setLoaded(segment.rules);
            setForm(formOf(segment.rules));
          }}
        />
        <RuleBuilder form={form} onChange={setForm} fields={all} messages={messages} />
        {form.rules.length === 0 && <StartingPoints onChoose={(point) => setForm(formOf(point.rules))} />}
        <ProblemAlert error={state.error} retry={state.retry} />
      </Stack>
      <Group className={classes.drawerFoot} justify="space-between" gap="xs">
        <Text fw={600} className="num" aria-live="polite" opacity={state.stale ? 0.55 : 1}>
          {state.preview ? plural(state.preview.count, "customer") : "…"}
        </Text>
        <Group gap="xs">
          {mayKeep && hasConditions(state.rule) && (
            <Button
              variant="subtle"
              renderRoot={(props) => <Link {...props} to="/segments/new" search={{ rules: state.rule }} />}
            >
              Make a segment
            </Button>
          )}
          {rules && (
            <Button variant="default" onClick={() => onApply(undefined)}>
              Remove
            </Button>
          )}
          <Button onClick={apply}>Show</Button>
        </Group>
      </Group>
    </>
  );
}
