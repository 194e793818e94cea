import { Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp } from "@tabler/icons-react";
import classes from "./plain.module.css";
import { byRulesAlone, chipText, outcome, type Reading } from "./reading";

interface Props {
  reading: Reading;
  /** By the rules, before the assistant read it. */
  former: Reading | null;
  /** Puts back what was in the builder before; null where that would lose something. */
  undo: (() => void) | null;
}

/** What plain words were taken as, and what was left out. */
export function ReadingShown({ reading, former, undo }: Props) {
  return (
    <Stack gap="xs">
      <span role="status" className="visually-hidden">
        {outcome(reading)}
      </span>
      {reading.rule === null && <Text fw={500}>Nothing of this was understood.</Text>}
      {reading.rule !== null && (
        <Group gap="sm" justify="space-between" align="start" wrap="nowrap">
          {reading.byAssistant === null ? (
            <Understood parts={reading.understood} />
          ) : (
            <Text size="sm">
              Read by the assistant as: <b>{reading.byAssistant}</b> Look it over.
            </Text>
          )}
          {undo && (
            <Button
              className={classes.undo}
              size="compact-sm"
              variant="subtle"
              leftSection={<IconArrowBackUp size={15} aria-hidden />}
              onClick={undo}
            >
              Undo
            </Button>
          )}
        </Group>
      )}
      {reading.leftOut.length > 0 && <LeftOut parts={reading.leftOut} />}
      {former && (
        <Text size="sm" c="dimmed" className={classes.former}>
          {byRulesAlone(former)}
        </Text>
      )}
      {reading.hint && (
        <Text size="sm" c="dimmed">
          {reading.hint}
        </Text>
      )}
    </Stack>
  );
}

function Understood({ parts }: { parts: Reading["understood"] }) {
  return (
    <ul className={classes.chips} aria-label="Understood">
      {parts.map((part) => (
        <li key={`${part.path} ${part.text}`} className={classes.chip} title={`“${part.text}”`}>
          {chipText(part.words)}
          {part.notes.length > 0 && <span className={classes.note}>{part.notes.join("; ")}</span>}
        </li>
      ))}
    </ul>
  );
}

function LeftOut({ parts }: { parts: Reading["leftOut"] }) {
  return (
    <ul className={classes.leftOut} aria-label="Left out">
      {parts.map((part) => (
        <li key={part.text}>
          <IconAlertTriangle size={15} aria-hidden />
          <span>
            Left out <b>“{part.text}”</b>
            {part.why !== null && `: ${part.why}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
