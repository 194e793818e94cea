import { CloseButton, TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  label: string;
  value: string;
  /** Told a moment after the last keystroke. */
  onChange: (value: string) => void;
  waitMs?: number;
}

/** Search as you type; Esc clears. The value usually lives in the URL. */
export function SearchInput({ label, value, onChange, waitMs = 180, ...rest }: Props) {
  const [typed, setTyped] = useState(value);
  const tell = useDebouncedCallback(onChange, waitMs);
  useEffect(() => setTyped(value), [value]);
  const type = (next: string) => {
    setTyped(next);
    tell(next.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      {...rest}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && typed && type("")}
    />
  );
}
