import { Button, Group, Loader, Paper, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconX } from "@tabler/icons-react";
import { useId, useRef } from "react";
import classes from "./assistant.module.css";
import { PageLink } from "./Markdown";
import type { Card } from "./model";

interface Props {
  card: Card;
  busy: boolean;
  onDecide: (approve: boolean) => void;
  onLeave: () => void;
}

/** Something the assistant would do, and what came of it once the person has decided. */
export function CardShown({ card, busy, onDecide, onLeave }: Props) {
  const title = useId();
  const whole = useRef<HTMLElement>(null);
  const decide = (approve: boolean) => {
    // The button goes; whoever pressed it stays with the card.
    whole.current?.focus();
    onDecide(approve);
  };
  return (
    <Paper
      ref={whole}
      component="section"
      className={classes.card}
      withBorder
      p="sm"
      tabIndex={-1}
      aria-labelledby={title}
      data-state={card.state}
    >
      <Stack gap="xs">
        <Text fw={600} id={title}>
          {card.title}
        </Text>
        <dl className={classes.facts}>
          {card.facts.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {card.texts.map(({ label, value }) => (
          <figure key={label} className={classes.written}>
            <figcaption>{label}</figcaption>
            <blockquote>{value}</blockquote>
          </figure>
        ))}
        {card.state === "waiting" ? (
          <Group gap="xs" justify="flex-end">
            <Button size="xs" variant="default" disabled={busy} onClick={() => decide(false)}>
              Decline
            </Button>
            <Button size="xs" disabled={busy} onClick={() => decide(true)}>
              {card.action}
            </Button>
          </Group>
        ) : (
          <Outcome card={card} onLeave={onLeave} />
        )}
      </Stack>
    </Paper>
  );
}

const ICONS = { done: IconCheck, declined: IconX, failed: IconAlertCircle };

function Outcome({ card, onLeave }: { card: Card; onLeave: () => void }) {
  if (card.state === "waiting" || card.state === "doing")
    return (
      <Group gap={6} c="dimmed">
        <Loader size={14} aria-hidden />
        <Text size="sm">Under way</Text>
      </Group>
    );
  const Icon = ICONS[card.state];
  return (
    <Group gap={6} wrap="nowrap" align="start" className={classes.outcome} data-state={card.state}>
      <Icon size={16} aria-hidden />
      <Text size="sm">{card.outcome}</Text>
      {card.link && <PageLink text="Open" href={card.link} onLeave={onLeave} />}
    </Group>
  );
}
