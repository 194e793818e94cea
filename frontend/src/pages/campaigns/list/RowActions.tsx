import { ActionIcon, Group, Menu, Tooltip } from "@mantine/core";
import {
  IconArchive,
  IconChartBar,
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Campaign, may } from "@/campaigns/model";
import { useCampaignActions } from "@/campaigns/useCampaignActions";
import { rowAction } from "@/parts/DataTable";

interface Props {
  campaign: Campaign;
  archive: (campaign: Campaign) => void;
}

/** What can be done to a campaign without opening it. */
export function RowActions({ campaign, archive }: Props) {
  const { campaign_id, name } = campaign;
  const actions = useCampaignActions();
  const params = { campaignId: campaign_id };
  return (
    <Group gap={4} wrap="nowrap" className={rowAction}>
      {may("pause", campaign) && (
        <Quick label={`Pause ${name}`} icon={IconPlayerPause} act={() => actions.pause(campaign)} />
      )}
      {may("resume", campaign) && (
        <Quick label={`Resume ${name}`} icon={IconPlayerPlay} act={() => actions.resume(campaign)} />
      )}
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={30} aria-label={`More for ${name}`}>
            <IconDots size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconChartBar size={16} aria-hidden />}
            renderRoot={(props) => <Link to="/campaigns/$campaignId" params={params} {...props} />}
          >
            Open
          </Menu.Item>
          {(may("edit", campaign) || may("correct", campaign)) && (
            <Menu.Item
              leftSection={<IconPencil size={16} aria-hidden />}
              renderRoot={(props) => <Link to="/campaigns/$campaignId/edit" params={params} {...props} />}
            >
              {may("correct", campaign) ? "Correct the message" : "Edit"}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconCopy size={16} aria-hidden />}
            onClick={() => actions.duplicate(campaign)}
          >
            Duplicate
          </Menu.Item>
          {may("archive", campaign) && (
            <Menu.Item leftSection={<IconArchive size={16} aria-hidden />} onClick={() => archive(campaign)}>
              Archive
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

interface QuickProps {
  label: string;
  icon: typeof IconPlayerPause;
  act: () => Promise<void>;
}

function Quick({ label, icon: Icon, act }: QuickProps) {
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    act().finally(() => setBusy(false));
  };
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={30} aria-label={label} onClick={run} loading={busy}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
