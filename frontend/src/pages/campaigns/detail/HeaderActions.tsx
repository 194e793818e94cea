import { ActionIcon, Button, Menu } from "@mantine/core";
import {
  IconArchive,
  IconCopy,
  IconDots,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useCan } from "@/api/session";
import { useCommands } from "@/app/commands";
import { type Campaign, may, type Stats } from "@/campaigns/model";
import { campaignKeys } from "@/campaigns/queries";
import { archiveCampaign } from "@/campaigns/requests";
import { type CampaignActions, useCampaignActions } from "@/campaigns/useCampaignActions";
import { ConfirmButton } from "@/parts/ConfirmButton";
import { useUndoableDelete } from "@/parts/useUndoableDelete";
import { plural } from "@/words/numbers";

interface Props {
  campaign: Campaign;
  stats: Stats | undefined;
}

/** What can be done to the campaign in its present state. */
export function HeaderActions({ campaign, stats }: Props) {
  const writes = useCan("marketer");
  const actions = useCampaignActions();
  useCampaignCommands(campaign, writes, actions);
  if (!writes) return null;
  return (
    <>
      {may("cancel", campaign) && <Cancel campaign={campaign} stats={stats} actions={actions} />}
      {may("correct", campaign) && <EditLink campaign={campaign} label="Correct the message" />}
      {may("edit", campaign) && (
        <EditLink
          campaign={campaign}
          label={campaign.status === "DRAFT" ? "Continue editing" : "Edit"}
          main={campaign.status === "DRAFT"}
        />
      )}
      {may("pause", campaign) && (
        <Act label="Pause" icon={IconPlayerPause} act={() => actions.pause(campaign)} />
      )}
      {may("resume", campaign) && (
        <Act label="Resume" icon={IconPlayerPlay} act={() => actions.resume(campaign)} main />
      )}
      <More campaign={campaign} actions={actions} />
    </>
  );
}

function EditLink({ campaign, label, main }: { campaign: Campaign; label: string; main?: boolean }) {
  return (
    <Button
      variant={main ? "filled" : "default"}
      leftSection={<IconPencil size={16} aria-hidden />}
      renderRoot={(props) => (
        <Link to="/campaigns/$campaignId/edit" params={{ campaignId: campaign.campaign_id }} {...props} />
      )}
    >
      {label}
    </Button>
  );
}

interface ActProps {
  label: string;
  icon: typeof IconPlayerPause;
  act: () => Promise<void>;
  main?: boolean;
}

function Act({ label, icon: Icon, act, main }: ActProps) {
  const [busy, setBusy] = useState(false);
  const run = () => {
    setBusy(true);
    act().finally(() => setBusy(false));
  };
  return (
    <Button
      variant={main ? "filled" : "default"}
      leftSection={<Icon size={16} aria-hidden />}
      onClick={run}
      loading={busy}
    >
      {label}
    </Button>
  );
}

function Cancel({ campaign, stats, actions }: Props & { actions: CampaignActions }) {
  const waiting = stats?.pending ?? 0;
  const consequence =
    campaign.status === "SCHEDULED"
      ? "It will not begin. This cannot be taken back, but you can duplicate it."
      : `${plural(waiting, "message that has", "messages that have")} not gone out will never be sent. This cannot be taken back.`;
  return (
    <ConfirmButton
      question="Cancel this campaign?"
      consequence={consequence}
      confirm="Cancel the campaign"
      danger
      onConfirm={() => actions.cancel(campaign)}
    >
      Cancel
    </ConfirmButton>
  );
}

function More({ campaign, actions }: { campaign: Campaign; actions: CampaignActions }) {
  const navigate = useNavigate();
  const archive = useUndoableDelete({
    send: archiveCampaign,
    changes: [campaignKeys.lists, ["campaign", campaign.campaign_id]],
    done: "archived",
  });
  const archived = archive.hidden.has(campaign.campaign_id);
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label="More">
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden />}
          onClick={() => actions.duplicate(campaign)}
        >
          Duplicate
        </Menu.Item>
        {campaign.status === "SCHEDULED" && campaign.archived_at === null && (
          <Menu.Item
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => actions.unschedule(campaign)}
          >
            Take off the schedule
          </Menu.Item>
        )}
        {may("archive", campaign) && !archived && (
          <Menu.Item
            leftSection={<IconArchive size={16} aria-hidden />}
            onClick={() => archive.remove(campaign.campaign_id, `“${campaign.name}”`)}
          >
            Archive
          </Menu.Item>
        )}
        <Menu.Item
          onClick={() => navigate({ to: "/campaigns/new", search: { segment: campaign.segment_id } })}
        >
          Another one for this segment
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The same in the palette. */
function useCampaignCommands(campaign: Campaign, writes: boolean, actions: CampaignActions) {
  const navigate = useNavigate();
  const commands = useMemo(() => {
    if (!writes) return [];
    const { name, campaign_id } = campaign;
    const edits = may("edit", campaign) || may("correct", campaign);
    return [
      may("pause", campaign) && {
        id: "campaign-pause",
        label: `Pause ${name}`,
        icon: IconPlayerPause,
        run: () => actions.pause(campaign),
      },
      may("resume", campaign) && {
        id: "campaign-resume",
        label: `Resume ${name}`,
        icon: IconPlayerPlay,
        run: () => actions.resume(campaign),
      },
      edits && {
        id: "campaign-edit",
        label: `Edit ${name}`,
        icon: IconPencil,
        run: () => navigate({ to: "/campaigns/$campaignId/edit", params: { campaignId: campaign_id } }),
      },
      {
        id: "campaign-duplicate",
        label: `Duplicate ${name}`,
        icon: IconCopy,
        run: () => actions.duplicate(campaign),
      },
    ].filter((command) => command !== false);
  }, [campaign, writes, actions, navigate]);
  useCommands(commands);
}
