import { ActionIcon, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import classes from "./assistant.module.css";

interface Props {
  busy: boolean;
  onSay: (text: string) => void;
  onStop: () => void;
}

const LONGEST = 4000;

/** Where the person writes: Enter sends, Shift-Enter begins a line. */
export function Composer({ busy, onSay, onStop }: Props) {
  const [text, setText] = useState("");
  const send = () => {
    if (busy || text.trim() === "") return;
    onSay(text.trim());
    setText("");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form className={classes.composer} onSubmit={submit}>
      <Textarea
        className={classes.writing}
        aria-label="Ask the assistant"
        placeholder="Ask, or say what to prepare"
        autosize
        minRows={1}
        maxRows={6}
        maxLength={LONGEST}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
        data-autofocus
      />
      {busy ? (
        <ActionIcon size={36} variant="default" aria-label="Stop" onClick={onStop}>
          <IconPlayerStopFilled size={16} aria-hidden />
        </ActionIcon>
      ) : (
        <ActionIcon size={36} type="submit" variant="filled" aria-label="Send">
          <IconArrowUp size={18} aria-hidden />
        </ActionIcon>
      )}
    </form>
  );
}
