import { Button, Group, Loader, Paper, Stack, Text } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconX } from "@tabler/icons-react";
import { useId } from "react";
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
  return (
    <Paper component="section" withBorder p="sm" aria-labelledby={title} data-state={card.state}>
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
            <Button size="xs" variant="default" disabled={busy} onClick={() => onDecide(false)}>
              Decline
            </Button>
            <Button size="xs" disabled={busy} onClick={() => onDecide(true)}>
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
  if (card.state === "waiting" || card.state === "doing") return <Loader size="xs" aria-label="Under way" />;
  const Icon = ICONS[card.state];
  return (
    <Group gap={6} wrap="nowrap" align="start" className={classes.outcome} data-state={card.state}>
      <Icon size={16} aria-hidden />
      <Text size="sm">{card.outcome}</Text>
      {card.link && <PageLink text="Open" href={card.link} onLeave={onLeave} />}
    </Group>
  );
}
