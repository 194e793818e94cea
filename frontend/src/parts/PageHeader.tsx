import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconChevronLeft } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface Props {
  title: string;
  /** What the browser's tab says, when not the title. */
  tabTitle?: string;
  description?: ReactNode;
  /** Beside the title: a status badge. */
  badge?: ReactNode;
  /** On the right: the page's buttons, the main one last. */
  actions?: ReactNode;
  back?: { to: LinkProps["to"]; label: string };
}

/** The first thing on every page; sets the tab's title too. */
export function PageHeader({ title, tabTitle, description, badge, actions, back }: Props) {
  useDocumentTitle(`${tabTitle ?? title} · XenCRM`);
  return (
    <Stack gap={4} mb="lg" component="header">
      {back && (
        <Anchor component={Link} to={back.to} size="sm" c="dimmed" w="fit-content">
          <Group gap={2}>
            <IconChevronLeft size={14} aria-hidden />
            {back.label}
          </Group>
        </Anchor>
      )}
      <Group justify="space-between" align="center" gap="sm" mih={36}>
        <Group gap="sm" miw={0}>
          <Title order={1} style={{ overflowWrap: "anywhere" }}>
            {title}
          </Title>
          {badge}
        </Group>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {description && (
        <Text c="dimmed" size="md" maw={720}>
          {description}
        </Text>
      )}
    </Stack>
  );
}
