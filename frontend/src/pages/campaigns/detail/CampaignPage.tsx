import { Skeleton, Stack, Tabs } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { keys } from "@/api/keys";
import { useLive } from "@/api/live";
import { type Campaign, isLaunched, isMoving, type Stats } from "@/campaigns/model";
import { campaignQuery, statsQuery } from "@/campaigns/queries";
import { LiveDot } from "@/parts/LiveDot";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { StatusBadge } from "@/parts/StatusBadge";
import type { TabName } from "../search";
import { HeaderActions } from "./HeaderActions";
import { MessageDrawer } from "./MessageDrawer";
import { MessagesTab } from "./MessagesTab";
import { Notices } from "./Notices";
import { Overview } from "./Overview";
import { SetupTab } from "./SetupTab";

const route = getRouteApi("/shell/campaigns/$campaignId");
const BACK = { to: "/campaigns", label: "Campaigns" } as const;

export function CampaignPage() {
  const { campaignId } = route.useParams();
  const campaign = useQuery(campaignQuery(campaignId));
  if (campaign.data === undefined) {
    return (
      <>
        <PageHeader title="Campaign" back={BACK} />
        <ProblemAlert error={campaign.error} retry={campaign.refetch} />
        {campaign.isPending && <Skeleton h={220} radius="lg" />}
      </>
    );
  }
  return <Shown key={campaignId} campaign={campaign.data} />;
}

/** The numbers as they change, and the campaign in the state that they tell. */
function useFollowed(campaign: Campaign) {
  const client = useQueryClient();
  const { campaign_id, status } = campaign;
  const launched = isLaunched(campaign);
  const live = useLive(launched || status === "SCHEDULED" ? `campaign:${campaign_id}` : null);
  const asksEveryMs = isMoving(status) || status === "SCHEDULED" ? 3_000 : 30_000;
  const stats = useQuery({
    ...statsQuery(campaign_id),
    refetchInterval: live === "live" ? false : asksEveryMs,
  });
  const told = stats.data?.status as Campaign["status"] | undefined;
  useEffect(() => {
    if (told !== undefined && told !== status) {
      client.invalidateQueries({ queryKey: keys.campaign(campaign_id), exact: true });
    }
  }, [client, campaign_id, told, status]);
  return { live, stats };
}

function Shown({ campaign }: { campaign: Campaign }) {
  const { live, stats } = useFollowed(campaign);
  const { tab, message } = route.useSearch();
  const navigate = route.useNavigate();
  const launched = isLaunched(campaign);
  const shown: TabName = launched ? (tab ?? "overview") : "setup";
  return (
    <>
      <PageHeader
        title={campaign.name}
        back={BACK}
        badge={
          <>
            <StatusBadge status={campaign.archived_at === null ? campaign.status : "CANCELLED"}>
              {campaign.archived_at === null ? undefined : "Archived"}
            </StatusBadge>
            <LiveDot state={live} />
          </>
        }
        actions={<HeaderActions campaign={campaign} stats={stats.data} />}
      />
      <Stack gap="lg">
        <Notices campaign={campaign} />
        {launched ? (
          <Tabs
            value={shown}
            onChange={(next) =>
              navigate({ search: { tab: next as TabName }, replace: true, resetScroll: false })
            }
          >
            <Tabs.List mb="lg">
              <Tabs.Tab value="overview">Overview</Tabs.Tab>
              <Tabs.Tab value="messages">Messages</Tabs.Tab>
              <Tabs.Tab value="setup">Set-up</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="overview">
              <OverviewOf campaign={campaign} stats={stats.data} error={stats.error} retry={stats.refetch} />
            </Tabs.Panel>
            <Tabs.Panel value="messages">
              <MessagesTab campaign={campaign} stats={stats.data} />
            </Tabs.Panel>
            <Tabs.Panel value="setup">
              <SetupTab campaign={campaign} />
            </Tabs.Panel>
          </Tabs>
        ) : (
          <SetupTab campaign={campaign} />
        )}
      </Stack>
      <MessageDrawer
        messageId={message ?? null}
        close={() =>
          navigate({ search: ({ message: _, ...rest }) => rest, replace: true, resetScroll: false })
        }
      />
    </>
  );
}

interface OverviewProps {
  campaign: Campaign;
  stats: Stats | undefined;
  error: unknown;
  retry: () => void;
}

function OverviewOf({ campaign, stats, error, retry }: OverviewProps) {
  if (stats !== undefined) return <Overview campaign={campaign} stats={stats} />;
  return error === null ? <Skeleton h={260} radius="lg" /> : <ProblemAlert error={error} retry={retry} />;
}
