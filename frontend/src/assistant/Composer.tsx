import { ActionIcon, Text, Textarea } from "@mantine/core";
import { IconArrowUp, IconPlayerStopFilled } from "@tabler/icons-react";
import { type FormEvent, type KeyboardEvent, type RefObject, useEffect, useId } from "react";
import classes from "./assistant.module.css";
import { isTooLong, lengthWords } from "./length";

interface Props {
  text: string;
  onWrite: (text: string) => void;
  placeholder: string;
  busy: boolean;
  onSay: (text: string) => void;
  onStop: () => void;
  field: RefObject<HTMLTextAreaElement | null>;
}

/** Where the person writes: Enter sends, Shift-Enter begins a line. */
export function Composer({ text, onWrite, placeholder, busy, onSay, onStop, field }: Props) {
  const limit = useId();
  const tooLong = isTooLong(text);
  const length = lengthWords(text);
  const send = () => {
    if (!busy && !tooLong && text.trim() !== "") onSay(text.trim());
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
  const stop = () => {
    onStop();
    field.current?.focus();
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: "Stop" goes when the answer ends
  useEffect(() => {
    if (document.activeElement === document.body) field.current?.focus();
  }, [busy]);
  return (
    <div>
      <form className={classes.composer} onSubmit={submit}>
        <Textarea
          ref={field}
          className={classes.writing}
          aria-label="Ask the assistant"
          aria-describedby={length === null ? undefined : limit}
          placeholder={placeholder}
          autosize
          minRows={1}
          maxRows={6}
          error={tooLong}
          value={text}
          onChange={(event) => onWrite(event.currentTarget.value)}
          onKeyDown={press}
          data-autofocus
        />
        {busy ? (
          <ActionIcon key="stop" size={36} variant="default" aria-label="Stop" onClick={stop}>
            <IconPlayerStopFilled size={16} aria-hidden />
          </ActionIcon>
        ) : (
          <ActionIcon
            key="send"
            size={36}
            type="submit"
            variant="filled"
            aria-label="Send"
            disabled={tooLong}
          >
            <IconArrowUp size={18} aria-hidden />
          </ActionIcon>
        )}
      </form>
      <Text
        id={limit}
        size="xs"
        mt={length === null ? 0 : 4}
        c={tooLong ? "var(--x-bad)" : "dimmed"}
        aria-live="polite"
      >
        {length}
      </Text>
    </div>
  );
}
