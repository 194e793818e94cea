import { Card, Text, Title } from "@mantine/core";
import { BarList } from "@/campaigns/BarList";
import type { Stats } from "@/campaigns/model";
import { shareOf } from "@/campaigns/progress";
import { plural } from "@/words/numbers";

/** Which links were clicked. */
export function LinksCard({ stats }: { stats: Stats }) {
  const links = [...stats.links].sort((one, other) => other.clicks - one.clicks);
  const most = links[0]?.clicks ?? 0;
  return (
    <Card component="section" aria-labelledby="links">
      <Title order={2} id="links" mb="md">
        Links clicked
      </Title>
      {links.length === 0 ? (
        <Text c="dimmed" size="md">
          There is no link in the HTML that can be counted.
        </Text>
      ) : (
        <BarList
          label="Links clicked"
          bars={links.map(({ url, clicks }) => ({
            key: url,
            label: url,
            value: plural(clicks, "click"),
            share: shareOf(clicks, most),
          }))}
        />
      )}
    </Card>
  );
}
