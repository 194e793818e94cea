import { Card, SegmentedControl, SimpleGrid, Skeleton, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useLive } from "@/api/live";
import { LiveDot } from "@/parts/LiveDot";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { DeliveryCard } from "./DeliveryCard";
import { Figures } from "./Figures";
import { LatestCampaigns } from "./LatestCampaigns";
import { NewestCustomers } from "./NewestCustomers";
import { DEFAULT_DAYS, PERIODS } from "./periods";
import { type Dashboard, dashboardQuery } from "./queries";
import { useSampleData } from "./sampleData";
import { Welcome } from "./Welcome";

const Charts = lazy(() => import("./Charts").then(({ Charts }) => ({ default: Charts })));
const route = getRouteApi("/shell/dashboard");

const isEmpty = ({ totals }: Dashboard) => totals.customers === 0 && totals.orders === 0;

/** The business on one screen. */
export function DashboardPage() {
  const days = route.useSearch({ select: (search) => search.days }) ?? DEFAULT_DAYS;
  const navigate = route.useNavigate();
  const live = useLive(`dashboard:${days}`);
  const sample = useSampleData();
  const polled = sample.state === "done" ? 1_000 : 15_000;
  const query = useQuery({ ...dashboardQuery(days), refetchInterval: live === "live" ? false : polled });
  const data = query.data;
  if (sample.state === "running" || (data && isEmpty(data))) return <Welcome sample={sample} />;
  return (
    <>
      <PageHeader
        title="Dashboard"
        badge={<LiveDot state={live} />}
        actions={
          <SegmentedControl
            size="sm"
            aria-label="Period"
            data={PERIODS.map((period) => ({ value: String(period.days), label: period.label }))}
            value={String(days)}
            onChange={(value) =>
              navigate({
                search: Number(value) === DEFAULT_DAYS ? {} : { days: Number(value) },
                replace: true,
              })
            }
          />
        }
      />
      <Stack gap="md" aria-busy={query.isPlaceholderData}>
        {query.error && !data && <ProblemAlert error={query.error} retry={() => query.refetch()} />}
        <Figures data={data} />
        <Suspense fallback={<WaitingCharts />}>{data ? <Charts data={data} /> : <WaitingCharts />}</Suspense>
        <SimpleGrid cols={{ base: 1, md: 3 }} spacing="md">
          <DeliveryCard data={data} />
          <LatestCampaigns campaigns={data?.latest_campaigns} />
          <NewestCustomers customers={data?.newest_customers} />
        </SimpleGrid>
      </Stack>
    </>
  );
}

function WaitingCharts() {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      {["Revenue", "Orders"].map((title) => (
        <Card key={title} padding="md" component="section" aria-label={title}>
          <Title order={2}>{title}</Title>
          <Skeleton h={220} mt={33} />
        </Card>
      ))}
    </SimpleGrid>
  );
}
