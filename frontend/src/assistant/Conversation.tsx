import { ActionIcon, Loader } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import classes from "./assistant.module.css";
import { ItemShown } from "./ItemShown";
import { statusOf } from "./model";
import { Suggestions } from "./Suggestions";
import type { Assistant } from "./useAssistant";
import { useFollowing } from "./useFollowing";

interface Props {
  assistant: Assistant;
  /** After something was chosen to be said. */
  onSaid: () => void;
  onLeave: () => void;
}

export function Conversation({ assistant, onSaid, onLeave }: Props) {
  const { items, busy } = assistant;
  const { log, follows, onScroll, toEnd } = useFollowing(items, busy);
  const choose = (text: string) => {
    assistant.say(text);
    onSaid();
  };
  const goToEnd = () => {
    toEnd();
    log.current?.focus();
  };
  return (
    <div className={classes.conversation}>
      <div
        ref={log}
        className={classes.log}
        role="log"
        aria-label="Conversation"
        aria-busy={busy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which the keyboard can do too
        tabIndex={0}
        onScroll={onScroll}
      >
        {items === null && !assistant.error && <Loader size="sm" role="status" aria-label="Loading" />}
        {items?.length === 0 && <Suggestions onChoose={choose} busy={busy} />}
        {items?.map((item) => (
          <ItemShown
            key={item.id}
            item={item}
            busy={busy}
            onDecide={(approve) => assistant.decide(item.id, approve)}
            onLeave={onLeave}
          />
        ))}
        {busy && <Loader size="xs" type="dots" aria-hidden />}
      </div>
      {!follows && (
        <ActionIcon
          className={classes.toEnd}
          size={32}
          radius="xl"
          variant="default"
          aria-label="To the end"
          onClick={goToEnd}
        >
          <IconArrowDown size={16} aria-hidden />
        </ActionIcon>
      )}
      <span role="status" className="visually-hidden">
        {statusOf(items ?? [], busy)}
      </span>
    </div>
  );
}
