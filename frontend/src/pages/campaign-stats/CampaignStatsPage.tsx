import { Button, Group, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { IconChartBar, IconDownload, IconPlus, IconSearchOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { useCan } from "@/api/session";
import { useActiveProgress } from "@/campaigns/activeProgress";
import type { Numbers } from "@/campaigns/model";
import { numbersQuery } from "@/campaigns/queries";
import { DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { LiveDot } from "@/parts/LiveDot";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { SearchInput } from "@/parts/SearchInput";
import { CompareChart } from "./CompareChart";
import { type SortKey, sorted, total } from "./measures";
import type { CampaignStatsSearch } from "./routes";
import { type Row, rowKey, statsColumns } from "./statsColumns";

const route = getRouteApi("/shell/campaignStats");
const ANEW_MS = 30_000;

/** All campaigns beside one another. */
export function CampaignStatsPage() {
  const search = route.useSearch();
  const { measure = "revenue", sort = "launched", ascending, archived, q } = search;
  const navigate = route.useNavigate();
  const writes = useCan("marketer");
  const { active, live } = useActiveProgress();
  const numbers = useQuery({ ...numbersQuery(archived === true), refetchInterval: ANEW_MS });
  const all = useMemo(
    () => (numbers.data ?? []).map((each) => active.get(each.campaign_id) ?? each),
    [numbers.data, active],
  );
  const rows = useMemo(() => found(all, q), [all, q]);
  const shown = useMemo<Row[]>(
    () => [
      { kind: "total", sums: total(rows), campaigns: rows.length },
      ...sorted(rows, sort, ascending !== true).map((each): Row => ({ kind: "campaign", numbers: each })),
    ],
    [rows, sort, ascending],
  );
  const go = (changes: CampaignStatsSearch) =>
    navigate({ search: { ...search, ...changes }, replace: true, resetScroll: false });
  const nothing = !numbers.isPending && numbers.error === null && all.length === 0;
  return (
    <>
      <PageHeader
        title="Campaign statistics"
        tabTitle="Statistics"
        description="All campaigns compared: what was delivered, what was read, and what it brought."
        badge={<LiveDot state={live} />}
        actions={
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            component="a"
            href={`/api/v1/campaignStats.csv${archived ? "?archived=true" : ""}`}
            download
          >
            Export as CSV
          </Button>
        }
      />
      <Stack gap="lg">
        <Group justify="space-between" gap="sm">
          <SegmentedControl
            aria-label="Which campaigns"
            value={archived ? "archived" : "current"}
            onChange={(next) => go({ archived: next === "archived" ? true : undefined })}
            data={[
              { value: "current", label: "Current" },
              { value: "archived", label: "Archived" },
            ]}
          />
          <SearchInput
            label="Search campaigns"
            value={q ?? ""}
            onChange={(next) => go({ q: next || undefined })}
            style={{ flex: "1 1 200px", maxWidth: 280 }}
          />
        </Group>
        <ProblemAlert error={numbers.error} retry={numbers.refetch} />
        {numbers.isPending && <Skeleton h={260} radius="lg" />}
        {nothing && (
          <EmptyState
            icon={IconChartBar}
            title={archived ? "Nothing is archived" : "Nothing to compare yet"}
            text={
              archived
                ? "Campaigns that you archive are compared here."
                : "Launch a campaign, and its numbers show up here as they come in."
            }
          >
            {writes && !archived && (
              <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={16} aria-hidden />}>
                New campaign
              </Button>
            )}
          </EmptyState>
        )}
        {!numbers.isPending && !nothing && numbers.error === null && (
          <>
            {rows.length > 0 && (
              <CompareChart rows={rows} measure={measure} choose={(next) => go({ measure: next })} />
            )}
            <DataTable
              label="Campaigns with their numbers"
              columns={statsColumns(measure)}
              list={{
                rows: rows.length === 0 ? [] : shown,
                loading: false,
                stale: false,
                error: null,
                retry: numbers.refetch,
                more: null,
                loadingMore: false,
              }}
              rowKey={rowKey}
              rowHeight={56}
              sort={{ key: sort, descending: ascending !== true }}
              onSort={({ key }) => go(nextSort(key as SortKey, search))}
              empty={
                <EmptyState
                  icon={IconSearchOff}
                  title={`No campaign is called “${q}”`}
                  text="Try fewer letters, or look among the archived ones."
                />
              }
            />
          </>
        )}
      </Stack>
    </>
  );
}

/** Most first, then least first, then as at first: the last launched on top. */
function nextSort(key: SortKey, { sort, ascending }: CampaignStatsSearch): CampaignStatsSearch {
  if (key !== sort) return { sort: key, ascending: key === "name" ? true : undefined };
  const isSecond = (ascending === true) === (key === "name");
  if (isSecond) return { sort: key, ascending: ascending ? undefined : true };
  return { sort: undefined, ascending: undefined };
}

function found(all: Numbers[], q: string | undefined): Numbers[] {
  if (!q) return all;
  const part = q.toLocaleLowerCase();
  return all.filter(({ name }) => name.toLocaleLowerCase().includes(part));
}
