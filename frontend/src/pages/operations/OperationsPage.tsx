import { Card, SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { useLive } from "@/api/live";
import { useCan } from "@/api/session";
import { Figure } from "@/parts/Figure";
import { LiveDot } from "@/parts/LiveDot";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { Count } from "@/parts/Words";
import { duration } from "@/words/times";
import { DeadLetters } from "./DeadLetters";
import { Queues } from "./Queues";
import { campaignsQuery, ingestionQuery, vendorsQuery } from "./queries";
import { queueRows } from "./queues";
import { Vendors } from "./Vendors";

/** Whether everything moves, and what got stuck. */
export function OperationsPage() {
  const live = useLive("operations");
  const campaigns = useQuery({ ...campaignsQuery, refetchInterval: live === "live" ? false : 3_000 });
  const ingestion = useQuery(ingestionQuery);
  const vendors = useQuery(vendorsQuery);
  const mayDecide = useCan("admin");
  const away = campaigns.error ?? ingestion.error;
  return (
    <>
      <PageHeader
        title="Operations"
        description="Whether everything moves, and what got stuck."
        badge={<LiveDot state={live} />}
      />
      <Stack gap="md">
        <ProblemAlert error={away} />
        <Summary campaigns={campaigns.data} ingestion={ingestion.data} />
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: "start" }}>
          <Card padding="md" component="section" aria-label="Queues">
            <Title order={2} mb="xs">
              Queues
            </Title>
            <Queues rows={queueRows(campaigns.data, ingestion.data)} />
          </Card>
          <Card padding="md" component="section" aria-label="Vendors">
            <Title order={2} mb="xs">
              Vendors
            </Title>
            <Vendors vendors={vendors.data?.items} error={vendors.error} />
          </Card>
        </SimpleGrid>
        {mayDecide && <DeadLetters />}
      </Stack>
    </>
  );
}

interface Told {
  campaigns: Schemas["Operations"] | undefined;
  ingestion: Schemas["IngestionOperations"] | undefined;
}

function Summary({ campaigns, ingestion }: Told) {
  const waiting = campaigns?.queues.reduce((sum, { frames }) => sum + frames, 0);
  const lags = [...Object.values(campaigns?.lag_s ?? {}), ...Object.values(ingestion?.lag_s ?? {})];
  const known = campaigns && ingestion;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Figure label="Waiting in queues" value={campaigns && <Count value={waiting} />} note="batches" />
      <Figure
        label="Oldest has waited"
        value={known && <span className="num">{duration(Math.max(0, ...lags))}</span>}
        note="in any queue"
      />
      <Figure
        label="Set aside"
        value={known && <Count value={campaigns.dead_letters + ingestion.dead_letters} />}
        note="could not be applied"
      />
      <Figure
        label="Orders that wait"
        value={ingestion && <Count value={ingestion.waiting_orders} />}
        note={
          ingestion && ingestion.waiting_orders > 0
            ? `oldest for ${duration(ingestion.waiting_orders_oldest_s)}`
            : "for their customer"
        }
      />
    </SimpleGrid>
  );
}
