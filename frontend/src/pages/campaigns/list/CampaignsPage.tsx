import { Button, Group, Stack, Tabs } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { useCan } from "@/api/session";
import { useActiveProgress } from "@/campaigns/activeProgress";
import { campaignKeys, numbersQuery } from "@/campaigns/queries";
import { archiveCampaign, type CampaignFilter, listCampaigns } from "@/campaigns/requests";
import { DataTable } from "@/parts/DataTable";
import { LiveDot } from "@/parts/LiveDot";
import { PageHeader } from "@/parts/PageHeader";
import { SearchInput } from "@/parts/SearchInput";
import { useKeyset } from "@/parts/useKeyset";
import { useUndoableDelete } from "@/parts/useUndoableDelete";
import { VIEWS, type View } from "../search";
import classes from "./CampaignsPage.module.css";
import { campaignColumns, type Row } from "./columns";
import { NoCampaigns } from "./NoCampaigns";

const route = getRouteApi("/shell/campaigns");

function filterOf(view: View, q: string | undefined): CampaignFilter {
  const found = q ? { q } : {};
  if (view === "archived") return { ...found, archived: true };
  return view === "all" ? found : { ...found, status: view };
}

export function CampaignsPage() {
  const { view = "all", q } = route.useSearch();
  const navigate = route.useNavigate();
  const writes = useCan("marketer");
  const client = useQueryClient();
  const { active, live } = useActiveProgress();
  const filter = filterOf(view, q);
  const list = useKeyset([...campaignKeys.lists, "list", filter], (cursor, signal) =>
    listCampaigns(filter, cursor, signal),
  );
  const numbers = useQuery({
    ...numbersQuery(view === "archived"),
    refetchInterval: live === "live" ? false : 10_000,
  }).data;
  const archive = useUndoableDelete({
    send: archiveCampaign,
    changes: [campaignKeys.lists],
    done: "archived",
  });
  const known = useMemo(() => new Map(numbers?.map((each) => [each.campaign_id, each])), [numbers]);
  const rows: Row[] = list.rows.map((campaign) => {
    const told = active.get(campaign.campaign_id);
    const status = (told?.status ?? campaign.status) as Row["campaign"]["status"];
    return {
      campaign: status === campaign.status ? campaign : { ...campaign, status },
      numbers: told ?? known.get(campaign.campaign_id),
    };
  });

  // Others are under way, or one came to its end: the list and its numbers are old.
  const underWay = [...active.values()].map(({ campaign_id, status }) => `${campaign_id} ${status}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    client.invalidateQueries({ queryKey: campaignKeys.lists });
  }, [client, underWay]);

  const create = (
    <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={16} aria-hidden />}>
      New campaign
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Campaigns"
        description="Messages to a segment, from draft to result."
        badge={<LiveDot state={live} />}
        actions={writes && create}
      />
      <Stack gap="md">
        <Group justify="space-between" gap="sm" align="center">
          <Tabs
            value={view}
            onChange={(next) =>
              navigate({ search: { view: next === "all" ? undefined : (next as View), q }, replace: true })
            }
            variant="pills"
            className={classes.tabs}
          >
            <Tabs.List className={classes.tabList} aria-label="Which campaigns">
              {VIEWS.map(({ value, label }) => (
                <Tabs.Tab key={value} value={value}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
          <SearchInput
            label="Search campaigns"
            value={q ?? ""}
            onChange={(next) => navigate({ search: { view, q: next || undefined }, replace: true })}
            className={classes.search}
          />
        </Group>
        <DataTable
          label="Campaigns"
          columns={campaignColumns({
            writes,
            archive: ({ campaign_id, name }) => archive.remove(campaign_id, `“${name}”`),
          })}
          list={{ ...list, rows }}
          rowKey={({ campaign }) => campaign.campaign_id}
          rowHeight={64}
          hidden={view === "archived" ? undefined : archive.hidden}
          empty={<NoCampaigns view={view} q={q} create={writes ? create : null} />}
        />
      </Stack>
    </>
  );
}
