import { Anchor, Button, Card, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { type FormEvent, useRef, useState } from "react";
import { useInstallation } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import type { Field } from "../fields";
import type { Form } from "../form";
import { aLot } from "../startingPoints";
import classes from "./plain.module.css";
import { ReadingShown } from "./ReadingShown";
import { askAssistant, examples, isIncomplete, readPlainWords } from "./reading";
import { useReading } from "./useReading";

interface Props {
  form: Form;
  onChange: (form: Form) => void;
  fields: readonly Field[];
}

const LONGEST = 1000;

/** A sentence in, a rule in the builder out; with what was understood and what was not. */
export function PlainWords({ form, onChange, fields }: Props) {
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const hasAssistant = useInstallation().assistant;
  const rules = useReading(readPlainWords, form, onChange);
  const assistant = useReading(askAssistant, form, onChange);
  const isPending = rules.isPending || assistant.isPending;
  const isTooLong = text.trim().length > LONGEST;
  const write = (text: string) => {
    setText(text);
    rules.reset();
    assistant.reset();
  };
  const read = (text: string) => {
    if (text.trim() === "" || text.trim().length > LONGEST || isPending) return;
    write(text);
    rules.read(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    read(text);
  };
  const ask = () => {
    assistant.read(text);
    input.current?.focus();
  };
  const shown = assistant.reading ? assistant : rules;
  const undo = () => {
    shown.undo?.();
    input.current?.focus();
  };
  const asksAssistant = hasAssistant && rules.reading && isIncomplete(rules.reading) && !assistant.reading;
  return (
    <Card component="section" aria-label="In plain words">
      <Stack gap="sm">
        <form onSubmit={submit} className={classes.line}>
          <TextInput
            ref={input}
            className={classes.input}
            label="Describe who you want to reach"
            placeholder="Active customers who haven't ordered for 90 days"
            error={isTooLong}
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
            autoComplete="off"
          />
          <Button
            type="submit"
            variant="default"
            loading={rules.isPending}
            disabled={text.trim() === "" || isTooLong || assistant.isPending}
          >
            Build the rule
          </Button>
        </form>
        {isTooLong && <TooLong length={text.trim().length} />}
        <ProblemAlert error={rules.error} retry={rules.retry} />
        {shown.reading && (
          <ReadingShown
            reading={shown.reading}
            former={shown === assistant ? (rules.reading ?? null) : null}
            undo={shown.undo && undo}
          />
        )}
        <ProblemAlert error={assistant.error} retry={assistant.retry} />
        {asksAssistant && (
          <Button
            style={{ alignSelf: "start" }}
            size="xs"
            variant="light"
            leftSection={<IconSparkles size={15} aria-hidden />}
            loading={assistant.isPending}
            onClick={ask}
          >
            Let the assistant read it
          </Button>
        )}
        {text === "" && <Examples fields={fields} onChoose={(text) => read(text)} />}
      </Stack>
    </Card>
  );
}

function TooLong({ length }: { length: number }) {
  const number = (value: number) => value.toLocaleString("en");
  return (
    <Text size="sm" c="var(--x-bad)" role="alert">
      {number(length)} of {number(LONGEST)} characters: shorten it to have it read.
    </Text>
  );
}

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
