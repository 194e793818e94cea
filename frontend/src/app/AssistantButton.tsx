import { Kbd, UnstyledButton } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
import { useMemo } from "react";
import { type Command, useCommands } from "./commands";
import { isApple } from "./SearchButton";
import classes from "./Shell.module.css";

export function AssistantButton({ onClick }: { onClick: () => void }) {
  return (
    <UnstyledButton
      className={classes.searchButton}
      mt={8}
      onClick={onClick}
      aria-keyshortcuts="Control+J Meta+J"
    >
      <IconSparkles size={15} aria-hidden />
      Assistant
      <Kbd size="xs" visibleFrom="sm" aria-hidden>
        {isApple ? "⌘J" : "Ctrl J"}
      </Kbd>
    </UnstyledButton>
  );
}

/** What the palette offers where there is an assistant. */
export function useAssistantCommand(hasAssistant: boolean, open: () => void): void {
  const command = useMemo<Command>(
    () => ({
      id: "assistant",
      label: "Ask the assistant",
      icon: IconSparkles,
      keywords: ["AI", "chat", "help"],
      run: open,
    }),
    [open],
  );
  useCommands(useMemo(() => (hasAssistant ? [command] : []), [hasAssistant, command]));
}
