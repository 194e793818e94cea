import { Kbd, UnstyledButton } from "@mantine/core";
import { IconSparkles } from "@tabler/icons-react";
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
