import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";

/** Changes between light and dark. */
export function useSchemeSwitch(): { label: string; run: () => void } {
  const { setColorScheme } = useMantineColorScheme();
  const shown = useComputedColorScheme("light");
  const other = shown === "dark" ? "light" : "dark";
  return { label: `Switch to ${other}`, run: () => setColorScheme(other) };
}
