import { Card, Skeleton, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCan } from "@/api/session";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { StatusBadge } from "@/parts/StatusBadge";
import classes from "../customers.module.css";
import { customerKeys, getProfile } from "../requests";
import type { TabName } from "../search";
import { AdminMenu } from "./AdminMenu";
import { ConsentCard } from "./ConsentCard";
import { DetailsCard } from "./DetailsCard";
import { Messages } from "./Messages";
import { Orders } from "./Orders";
import { Timeline } from "./Timeline";
import { Totals } from "./Totals";

const route = getRouteApi("/shell/customers/$customerId");
const BACK = { to: "/customers", label: "Customers" } as const;

/** Everything about one customer. */
export function CustomerPage() {
  const { customerId } = route.useParams();
  const { tab = "timeline" } = route.useSearch();
  const navigate = route.useNavigate();
  const isAdmin = useCan("admin");
  const query = useQuery({
    queryKey: customerKeys.one(customerId),
    queryFn: ({ signal }) => getProfile(customerId, signal),
  });
  const profile = query.data;
  if (!profile) {
    return (
      <>
        <PageHeader title="Customer" back={BACK} />
        {query.error ? (
          <ProblemAlert error={query.error} retry={() => query.refetch()} />
        ) : (
          <Skeleton h={280} radius="lg" aria-label="Loading" />
        )}
      </>
    );
  }
  const choose = (next: string | null) =>
    navigate({ search: next === "timeline" ? {} : { tab: next as TabName }, replace: true });
  return (
    <>
      <PageHeader
        title={profile.name}
        description={profile.email}
        back={BACK}
        badge={<StatusBadge status={profile.status} />}
        actions={isAdmin && <AdminMenu profile={profile} />}
      />
      <Totals profile={profile} />
      <div className={classes.layout}>
        <Tabs value={tab} onChange={choose} className={classes.tabs}>
          <Tabs.List mb="md">
            <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
            <Tabs.Tab value="orders">Orders</Tabs.Tab>
            <Tabs.Tab value="messages">Messages</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="timeline">
            <Card>
              <Timeline customerId={customerId} />
            </Card>
          </Tabs.Panel>
          <Tabs.Panel value="orders">
            <Orders customerId={customerId} />
          </Tabs.Panel>
          <Tabs.Panel value="messages">
            <Messages customerId={customerId} />
          </Tabs.Panel>
        </Tabs>
        <Stack gap="md">
          <DetailsCard profile={profile} />
          <ConsentCard profile={profile} />
        </Stack>
      </div>
    </>
  );
}
