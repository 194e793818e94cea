import { Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { IconUsers } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: typeof IconUsers;
  title: string;
  /** What to do next, in a sentence. */
  text: ReactNode;
  /** The buttons that do it. */
  children?: ReactNode;
}

/** What a list says when there is nothing in it. */
export function EmptyState({ icon: Icon, title, text, children }: Props) {
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="xs" maw={400} ta="center">
        <ThemeIcon size={44} radius="xl" variant="light" mb={4} aria-hidden>
          <Icon size={22} stroke={1.6} />
        </ThemeIcon>
        <Title order={2}>{title}</Title>
        <Text c="dimmed" size="md" mb={children ? "xs" : 0}>
          {text}
        </Text>
        {children}
      </Stack>
    </Center>
  );
}
