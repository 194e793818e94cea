import { SimpleGrid, Stack } from "@mantine/core";
import type { Campaign, Stats } from "@/campaigns/model";
import { FailuresCard } from "./FailuresCard";
import { FunnelCard } from "./FunnelCard";
import { LinksCard } from "./LinksCard";
import { ProgressCard } from "./ProgressCard";
import { ResultsCard } from "./ResultsCard";

interface Props {
  campaign: Campaign;
  stats: Stats;
}

/** How far it is, what became of it, and what it brought. */
export function Overview({ campaign, stats }: Props) {
  return (
    <Stack gap="lg">
      <ProgressCard campaign={campaign} stats={stats} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
        <Stack gap="lg">
          <FunnelCard stats={stats} />
          <FailuresCard stats={stats} />
        </Stack>
        <Stack gap="lg">
          <ResultsCard campaign={campaign} stats={stats} />
          {campaign.track && <LinksCard stats={stats} />}
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}
