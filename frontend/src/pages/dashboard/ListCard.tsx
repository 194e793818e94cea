import { Anchor, Card, Group, Skeleton, Stack, Title } from "@mantine/core";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

const WAITING = [1, 2, 3, 4, 5];

interface Props {
  title: string;
  all: { to: LinkProps["to"]; label: string };
  /** Undefined while they are loading. */
  children: ReactNode | undefined;
}

/** A card with a few rows and the way to all of them. */
export function ListCard({ title, all, children }: Props) {
  return (
    <Card component="section" aria-label={title} padding="md">
      <Group justify="space-between" mb={6}>
        <Title order={2}>{title}</Title>
        <Anchor component={Link} to={all.to} size="sm" py={3}>
          {all.label}
        </Anchor>
      </Group>
      {children ?? (
        <Stack gap="md" mt="xs">
          {WAITING.map((row) => (
            <Skeleton key={row} h={30} />
          ))}
        </Stack>
      )}
    </Card>
  );
}
