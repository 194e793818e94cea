import { Text } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import classes from "./assistant.module.css";
import { CardShown } from "./CardShown";
import { Markdown } from "./Markdown";
import type { Item } from "./model";

interface Props {
  item: Item;
  busy: boolean;
  onDecide: (approve: boolean) => void;
  onLeave: () => void;
}

export function ItemShown({ item, busy, onDecide, onLeave }: Props) {
  if (item.card) return <CardShown card={item.card} busy={busy} onDecide={onDecide} onLeave={onLeave} />;
  switch (item.kind) {
    case "person":
      return (
        <div className={classes.person}>
          <span className="visually-hidden">You: </span>
          {item.text}
        </div>
      );
    case "looked":
      return (
        <div className={classes.looked}>
          <IconSearch size={13} aria-hidden />
          {item.text}
        </div>
      );
    case "trouble":
      return (
        <Text c="var(--x-bad)" role="alert">
          {item.text}
        </Text>
      );
    default:
      return (
        <div>
          <span className="visually-hidden">Assistant: </span>
          <Markdown text={item.text} onLeave={onLeave} />
          {item.stopped && (
            <Text size="xs" c="dimmed">
              Stopped
            </Text>
          )}
        </div>
      );
  }
}
