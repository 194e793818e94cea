import { Button, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { count } from "@/words/numbers";
import type { Texts } from "./fields";
import { fallbackFor, hasFallback, lackingWord, withFallback } from "./variables";

interface Props {
  blank: Record<string, number>;
  /** Of so many. */
  people: number;
  texts: Texts;
  /** Without it nothing is offered to be mended. */
  change?: (texts: Partial<Texts>) => void;
}

/** For how many people something that the texts name is blank, and whether that has been thought of. */
export function Blanks({ blank, people, texts, change }: Props) {
  const templates = [texts.subject, texts.message_template, texts.html_template];
  const lacking = Object.entries(blank).filter(
    ([name, missing]) => missing > 0 && name !== "unsubscribe_url",
  );
  if (lacking.length === 0) return null;
  const mend = (name: string, fallback: string) =>
    change?.({
      message_template: withFallback(texts.message_template, name, fallback),
      ...(texts.subject === null ? {} : { subject: withFallback(texts.subject, name, fallback) }),
      ...(texts.html_template === null
        ? {}
        : { html_template: withFallback(texts.html_template, name, fallback) }),
    });
  return (
    <Stack gap="xs" role="status">
      {lacking.map(([name, missing]) => {
        const covered = hasFallback(templates, name);
        const fallback = fallbackFor(name);
        const Icon = covered ? IconCircleCheck : IconAlertTriangle;
        return (
          <Group key={name} gap="xs">
            <Group gap="xs" wrap="nowrap" align="flex-start" style={{ flex: "1 1 240px" }}>
              <Icon
                size={17}
                aria-hidden
                color={covered ? "var(--x-good-dot)" : "var(--x-warn-dot)"}
                style={{ flex: "none", marginTop: 2 }}
              />
              <Text size="md">
                <b className="num">{count(missing)}</b> of {count(people)} have no {lackingWord(name)}.{" "}
                <Text span c="dimmed" inherit>
                  {covered ? "They read what you wrote instead." : "They read nothing in its place."}
                </Text>
              </Text>
            </Group>
            {!covered && change && fallback !== null && (
              <Button size="compact-sm" variant="light" onClick={() => mend(name, fallback)}>
                Say “{fallback}” instead
              </Button>
            )}
          </Group>
        );
      })}
    </Stack>
  );
}
