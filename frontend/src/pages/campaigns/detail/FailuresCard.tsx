import { Card, Text, Title } from "@mantine/core";
import { BarList } from "@/campaigns/BarList";
import type { Stats } from "@/campaigns/model";
import { shareOf } from "@/campaigns/progress";
import { reasonMeaning, reasonName } from "@/campaigns/reasons";
import { count, percent } from "@/words/numbers";

/** Why messages failed, the most frequent reason first. */
export function FailuresCard({ stats }: { stats: Stats }) {
  const failures = [...stats.failures].sort((one, other) => other.count - one.count);
  const most = failures[0]?.count ?? 0;
  return (
    <Card component="section" aria-labelledby="failures">
      <Title order={2} id="failures" mb="md">
        Why messages failed
      </Title>
      {failures.length === 0 ? (
        <Text c="dimmed" size="md">
          {stats.delivered > 0 ? "None has failed." : "None has failed so far."}
        </Text>
      ) : (
        <BarList
          label="Why messages failed"
          bars={failures.map(({ reason, count: times }) => ({
            key: reason,
            label: reasonName(reason),
            value: count(times),
            aside: percent(shareOf(times, stats.failed), 0),
            share: shareOf(times, most),
            note: reasonMeaning(reason),
            tone: "bad",
          }))}
        />
      )}
    </Card>
  );
}
