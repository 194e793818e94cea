import { ActionIcon, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconSend, IconTrash, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { rowAction } from "@/parts/DataTable";
import type { Segment } from "@/rules/segments";
import { plural } from "@/words/numbers";

interface Props {
  segment: Segment;
  mayChange: boolean;
  onDelete: () => void;
}

const SIZE = { size: 16, stroke: 1.6, "aria-hidden": true } as const;

export function RowMenu({ segment, mayChange, onDelete }: Props) {
  const inUse = segment.campaigns > 0;
  return (
    <Menu position="bottom-end" width={210} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon
          className={rowAction}
          variant="subtle"
          color="gray"
          aria-label={`More for ${segment.name}`}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          renderRoot={(props) => <Link {...props} to="/customers" search={{ rules: segment.rules }} />}
          leftSection={<IconUsers {...SIZE} />}
        >
          Show its customers
        </Menu.Item>
        {mayChange && (
          <>
            <Menu.Item
              renderRoot={(props) => (
                <Link {...props} to="/campaigns/new" search={{ segment: segment.segment_id }} />
              )}
              leftSection={<IconSend {...SIZE} />}
            >
              New campaign
            </Menu.Item>
            <Menu.Item
              renderRoot={(props) => <Link {...props} to="/segments/new" search={{ rules: segment.rules }} />}
              leftSection={<IconCopy {...SIZE} />}
            >
              Duplicate
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              c={inUse ? undefined : "var(--mantine-color-error)"}
              disabled={inUse}
              leftSection={<IconTrash {...SIZE} />}
              onClick={onDelete}
            >
              {inUse ? `In use by ${plural(segment.campaigns, "campaign")}` : "Delete"}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
