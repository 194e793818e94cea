import { Group, Text } from "@mantine/core";
import type { MessageInFull } from "@/campaigns/model";
import { ExactTime } from "@/parts/Words";
import { historyOf } from "./history";
import classes from "./Message.module.css";

/** Attempts, the vendor's words, opens and clicks. */
export function MessageHistory({ message }: { message: MessageInFull }) {
  return (
    <ol className={classes.history}>
      {historyOf(message).map(({ key, at, title, text, tone }) => (
        <li key={key} className={classes.happening} data-tone={tone}>
          <Group justify="space-between" gap="sm" wrap="nowrap" align="baseline">
            <Text size="md">{title}</Text>
            <Text size="sm" c="dimmed" component="span" style={{ whiteSpace: "nowrap" }}>
              <ExactTime time={at} />
            </Text>
          </Group>
          {text !== undefined && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              {text}
            </Text>
          )}
        </li>
      ))}
    </ol>
  );
}
