import { Button, Drawer, Loader, Stack, Text, UnstyledButton } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useCan, useSession } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import classes from "./assistant.module.css";
import { Composer } from "./Composer";
import { ItemShown } from "./ItemShown";
import { type Assistant, useAssistant } from "./useAssistant";

interface Props {
  opened: boolean;
  onClose: () => void;
}

/** The assistant beside the page. */
export function AssistantDrawer({ opened, onClose }: Props) {
  const assistant = useAssistant();
  const { items, busy, load } = assistant;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is opened
  useEffect(() => {
    if (opened) load();
  }, [opened]);
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
      <Conversation assistant={assistant} onLeave={onClose} />
      <div className={classes.foot}>
        <ProblemAlert error={assistant.error} retry={items === null ? load : undefined} />
        <Composer busy={busy} onSay={assistant.say} onStop={assistant.stop} />
        <div className={classes.small}>
          <Text size="xs" c="dimmed">
            Nothing is changed before you approve it.
          </Text>
          {items !== null && items.length > 0 && (
            <Button size="compact-xs" variant="subtle" color="gray" disabled={busy} onClick={assistant.drop}>
              Start over
            </Button>
          )}
        </div>
      </div>
    </Drawer>
  );
}

function Conversation({ assistant, onLeave }: { assistant: Assistant; onLeave: () => void }) {
  const { items, busy } = assistant;
  const end = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said last is in sight
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [items]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard can do too
    <div className={classes.log} role="log" aria-label="Conversation" aria-busy={busy} tabIndex={0}>
      {items === null && !assistant.error && <Loader size="sm" aria-label="Loading" />}
      {items?.length === 0 && <Suggestions onChoose={assistant.say} busy={busy} />}
      {items?.map((item) => (
        <ItemShown
          key={item.id}
          item={item}
          busy={busy}
          onDecide={(approve) => assistant.decide(item.id, approve)}
          onLeave={onLeave}
        />
      ))}
      {busy && <Loader size="xs" type="dots" aria-label="Thinking" />}
      <div ref={end} />
    </div>
  );
}

const LOOKING = [
  "Sum up my latest campaign with its numbers",
  "Who are my best customers, and when did they last order?",
];
const WRITING = ["Prepare a campaign for good customers who have not ordered for 90 days"];

function Suggestions({ onChoose, busy }: { onChoose: (text: string) => void; busy: boolean }) {
  const name = useSession()?.person.name.split(" ")[0];
  const offered = useCan("marketer") ? [...WRITING, ...LOOKING] : LOOKING;
  return (
    <Stack gap="xs">
      <Text>
        Hello{name ? ` ${name}` : ""}. Ask about your customers and campaigns, or say what to prepare.
      </Text>
      {offered.map((text) => (
        <UnstyledButton
          key={text}
          className={classes.suggestion}
          disabled={busy}
          onClick={() => onChoose(text)}
        >
          {text}
        </UnstyledButton>
      ))}
    </Stack>
  );
}
