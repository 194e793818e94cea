import { Kbd, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import classes from "./Shell.module.css";

export const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function SearchButton({ onClick }: { onClick: () => void }) {
  return (
    <UnstyledButton className={classes.searchButton} onClick={onClick} aria-keyshortcuts="Control+K Meta+K">
      <IconSearch size={15} aria-hidden />
      Search
      <Kbd size="xs" visibleFrom="sm" aria-hidden>
        {isApple ? "⌘K" : "Ctrl K"}
      </Kbd>
    </UnstyledButton>
  );
}
