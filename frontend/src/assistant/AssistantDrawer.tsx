import { Button, Drawer, Text } from "@mantine/core";
import { useRef } from "react";
import { useCan } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import classes from "./assistant.module.css";
import { Composer } from "./Composer";
import { Conversation } from "./Conversation";
import { useAssistant } from "./useAssistant";
import { useKeptUp } from "./useKeptUp";

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** The assistant beside the page. */
export function AssistantDrawer({ opened, onClose }: Props) {
  const assistant = useAssistant();
  const { items, busy, load } = assistant;
  const mayWrite = useCan("marketer");
  const field = useRef<HTMLTextAreaElement>(null);
  const write = () => field.current?.focus();
  useKeptUp(opened, assistant);
  const startOver = () => {
    assistant.drop();
    write();
  };
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(460px, 100vw)"
      title="Assistant"
      classNames={{ content: classes.content, header: classes.head, body: classes.body }}
      transitionProps={{ duration: 120 }}
    >
      <Conversation assistant={assistant} onSaid={write} onLeave={onClose} />
      <div className={classes.foot}>
        <ProblemAlert error={assistant.error} retry={items === null ? load : undefined} />
        <Composer
          text={assistant.draft}
          onWrite={assistant.write}
          placeholder={mayWrite ? "Ask, or say what to prepare" : "Ask about customers and campaigns"}
          busy={busy}
          onSay={assistant.say}
          onStop={assistant.stop}
          field={field}
        />
        <div className={classes.small}>
          <Text size="xs" c="dimmed">
            {mayWrite
              ? "Nothing is changed before you approve it."
              : "It looks things up and changes nothing."}
          </Text>
          {items !== null && items.length > 0 && (
            <Button
              size="compact-xs"
              px={4}
              variant="subtle"
              color="gray"
              disabled={busy}
              onClick={startOver}
            >
              Start over
            </Button>
          )}
        </div>
      </div>
    </Drawer>
  );
}
