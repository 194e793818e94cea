import { Anchor, Button, Card, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useInstallation } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import type { Field } from "../fields";
import { type Form, fingerprint, formOf } from "../form";
import { aLot } from "../startingPoints";
import classes from "./plain.module.css";
import { ReadingShown } from "./ReadingShown";
import { askAssistant, examples, type Reading, readPlainWords } from "./reading";

interface Props {
  form: Form;
  onChange: (form: Form) => void;
  fields: readonly Field[];
}

/** The builder before and after it took a sentence. */
interface Taken {
  before: Form;
  after: string;
}

const LONGEST = 1000;

/** A sentence in, a rule in the builder out; with what was understood and what was not. */
export function PlainWords({ form, onChange, fields }: Props) {
  const [text, setText] = useState("");
  const [taken, setTaken] = useState<Taken | null>(null);
  const id = useId();
  const hasAssistant = useInstallation().assistant;
  const reading = useMutation({
    mutationFn: ({ text, by }: { text: string; by: (text: string) => Promise<Reading> }) => by(text),
    onSuccess: ({ rule }: Reading) => {
      if (rule === null) return setTaken(null);
      const next = formOf(rule);
      setTaken({ before: form, after: fingerprint(next) });
      onChange(next);
    },
  });
  const write = (text: string) => {
    setText(text);
    if (!reading.isIdle) reading.reset();
  };
  const read = (text: string, by = readPlainWords) => {
    if (text.trim() === "" || reading.isPending) return;
    setText(text);
    reading.mutate({ text, by });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    read(text);
  };
  const undo = (before: Form) => {
    onChange(before);
    setTaken(null);
    reading.reset();
    document.getElementById(id)?.focus();
  };
  const canUndo = taken !== null && reading.isSuccess && fingerprint(form) === taken.after;
  return (
    <Card component="section" aria-label="In plain words">
      <Stack gap="sm">
        <form onSubmit={submit} className={classes.line}>
          <TextInput
            id={id}
            className={classes.input}
            label="Describe who you want to reach"
            placeholder="Active customers who haven't ordered for 90 days"
            maxLength={LONGEST}
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
            autoComplete="off"
          />
          <Button type="submit" variant="default" loading={reading.isPending} disabled={text.trim() === ""}>
            Build the rule
          </Button>
        </form>
        <ProblemAlert error={reading.error} retry={() => read(text)} />
        {reading.data && (
          <ReadingShown reading={reading.data} undo={canUndo ? () => undo(taken.before) : null} />
        )}
        {hasAssistant && isIncomplete(reading.data) && (
          <Button
            style={{ alignSelf: "start" }}
            size="xs"
            variant="light"
            leftSection={<IconSparkles size={15} aria-hidden />}
            onClick={() => read(text, askAssistant)}
          >
            Let the assistant read it
          </Button>
        )}
        {text === "" && <Examples fields={fields} onChoose={(text) => read(text)} />}
      </Stack>
    </Card>
  );
}

const isIncomplete = (reading: Reading | undefined) =>
  reading !== undefined && (reading.rule === null || reading.leftOut.length > 0);

function Examples({ fields, onChoose }: { fields: readonly Field[]; onChoose: (text: string) => void }) {
  const { currency } = useInstallation();
  return (
    <Group gap="xs" align="baseline">
      <Text size="sm" c="dimmed">
        For example:
      </Text>
      <ul className={classes.examples} aria-label="Examples">
        {examples(fields, aLot(currency)).map((example) => (
          <li key={example}>
            <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onChoose(example)}>
              {example}
            </Anchor>
          </li>
        ))}
      </ul>
    </Group>
  );
}
