import { Card, Text, Title } from "@mantine/core";
import { BarList } from "@/campaigns/BarList";
import type { Stats } from "@/campaigns/model";
import { funnel } from "@/campaigns/progress";
import { count, percent } from "@/words/numbers";

/** From the audience to the orders. */
export function FunnelCard({ stats }: { stats: Stats }) {
  const bars = funnel(stats).map(({ key, label, value, share, ofBefore }) => ({
    key,
    label,
    value: count(value),
    share,
    aside: ofBefore === null ? undefined : percent(ofBefore, ofBefore < 10 ? 1 : 0),
  }));
  return (
    <Card component="section" aria-labelledby="funnel">
      <Title order={2} id="funnel" mb="md">
        From audience to orders
      </Title>
      <BarList bars={bars} label="From audience to orders" />
      <Text size="sm" c="dimmed" mt="md">
        {stats.opened === null
          ? "Percentages are of the step before. Opens and clicks are not counted in this campaign."
          : "Percentages are of the step before; opens, clicks and orders of what was delivered. Opens are a hint: some mail programs hide them, others open everything."}
      </Text>
    </Card>
  );
}
