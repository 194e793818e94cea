import { Button, Card, Group } from "@mantine/core";
import { IconCalendarOff, IconLock } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useInstallation } from "@/api/session";
import type { Campaign } from "@/campaigns/model";
import { useCampaignActions } from "@/campaigns/useCampaignActions";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { StatusBadge } from "@/parts/StatusBadge";
import { label } from "@/words/labels";
import { shortTime } from "@/words/times";

/** Why it cannot be edited as it is, and what can be done instead. */
export function NotEditable({ campaign, writes }: { campaign: Campaign; writes: boolean }) {
  const actions = useCampaignActions();
  const open = (
    <Button
      variant="default"
      renderRoot={(props) => (
        <Link to="/campaigns/$campaignId" params={{ campaignId: campaign.campaign_id }} {...props} />
      )}
    >
      Open the campaign
    </Button>
  );
  return (
    <>
      <PageHeader
        title={campaign.name}
        badge={<StatusBadge status={campaign.status} />}
        back={{ to: "/campaigns", label: "Campaigns" }}
      />
      <Card>
        {!writes && (
          <EmptyState
            icon={IconLock}
            title="You can look, but not edit"
            text="Your role shows campaigns without changing them."
          >
            {open}
          </EmptyState>
        )}
        {writes && campaign.status === "SCHEDULED" && campaign.archived_at === null && (
          <Scheduled campaign={campaign} unschedule={() => actions.unschedule(campaign)} open={open} />
        )}
        {writes && (campaign.status !== "SCHEDULED" || campaign.archived_at !== null) && (
          <EmptyState icon={IconLock} title="Too late to edit" text={whyLocked(campaign)}>
            <Group gap="xs">
              {open}
              <Button onClick={() => actions.duplicate(campaign)}>Duplicate it</Button>
            </Group>
          </EmptyState>
        )}
      </Card>
    </>
  );
}

function whyLocked({ status, archived_at }: Campaign): string {
  if (archived_at !== null) return "It is archived. A copy of it can be edited and launched.";
  if (status === "RUNNING" || status === "PREPARING") {
    return "It is under way. Pause it to correct the message for those who have not got it yet.";
  }
  return `It is ${label(status).toLowerCase()}. A copy of it can be edited and launched.`;
}

interface ScheduledProps {
  campaign: Campaign;
  unschedule: () => void;
  open: React.ReactNode;
}

function Scheduled({ campaign, unschedule, open }: ScheduledProps) {
  const { time_zone } = useInstallation();
  const when = campaign.scheduled_at === null ? "" : ` for ${shortTime(campaign.scheduled_at, time_zone)}`;
  return (
    <EmptyState
      icon={IconCalendarOff}
      title="It is on the schedule"
      text={`It begins by itself${when}. Take it off to edit it, and schedule it again when you are done.`}
    >
      <Group gap="xs">
        {open}
        <Button onClick={unschedule}>Take it off and edit</Button>
      </Group>
    </EmptyState>
  );
}
