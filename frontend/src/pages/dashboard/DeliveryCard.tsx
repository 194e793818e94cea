import { Anchor, Card, Group, Skeleton, Table, Text, Title } from "@mantine/core";
import { useMemo, useState } from "react";
import { Count, Percent } from "@/parts/Words";
import { percent, plural } from "@/words/numbers";
import { dayName } from "@/words/times";
import classes from "./dashboard.module.css";
import type { Dashboard } from "./queries";
import { bucketed } from "./series";

type Days = Dashboard["series"]["messages"];

const DELIVERED = "var(--x-good-dot)";
const FAILED = "var(--x-bad-dot)";

const sums = (days: readonly Days[number][]) => ({
  delivered: days.reduce((total, { delivered }) => total + delivered, 0),
  failed: days.reduce((total, { failed }) => total + failed, 0),
});

/** How the messages of the period ended. */
export function DeliveryCard({ data }: { data: Dashboard | undefined }) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Card component="section" aria-label="Delivery" padding="md">
      <Group justify="space-between" mb={6}>
        <Title order={2}>Delivery</Title>
        {data && data.current.delivered + data.current.failed > 0 && (
          <Anchor component="button" type="button" size="sm" py={3} onClick={() => setAsTable(!asTable)}>
            {asTable ? "As a chart" : "As a table"}
          </Anchor>
        )}
      </Group>
      {data ? <Outcome data={data} asTable={asTable} /> : <Skeleton h={200} />}
    </Card>
  );
}

function Outcome({ data, asTable }: { data: Dashboard; asTable: boolean }) {
  const { delivered, failed } = data.current;
  const all = delivered + failed;
  if (all === 0) {
    return (
      <Text c="dimmed" py="md">
        No messages went out in this period.
      </Text>
    );
  }
  if (asTable) return <AsTable days={data.series.messages} />;
  return (
    <>
      <div className={`${classes.rate} num`}>
        <Percent value={(delivered / all) * 100} />
      </div>
      <Text size="sm" c="dimmed">
        of {plural(all, "message")} delivered
      </Text>
      <div className={classes.share} aria-hidden>
        <span style={{ flex: delivered, background: DELIVERED }} />
        {failed > 0 && <span style={{ flex: failed, background: FAILED }} />}
      </div>
      <Legend
        rows={[
          { name: "Delivered", value: delivered, color: DELIVERED },
          { name: "Failed", value: failed, color: FAILED },
        ]}
        all={all}
      />
      <Bars days={data.series.messages} />
    </>
  );
}

function Legend({ rows, all }: { rows: { name: string; value: number; color: string }[]; all: number }) {
  return (
    <div className={classes.legend}>
      {rows.map(({ name, value, color }) => (
        <LegendRow key={name} name={name} value={value} color={color} share={(value / all) * 100} />
      ))}
    </div>
  );
}

function LegendRow({
  name,
  value,
  color,
  share,
}: {
  name: string;
  value: number;
  color: string;
  share: number;
}) {
  return (
    <>
      <span className={classes.swatch} style={{ background: color }} aria-hidden />
      <span>{name}</span>
      <span style={{ textAlign: "right" }}>
        <Count value={value} />
      </span>
      <Text c="dimmed" size="sm" ta="right" miw={52} className="num">
        {percent(share)}
      </Text>
    </>
  );
}

function Bars({ days }: { days: Days }) {
  const bars = useMemo(() => bucketed(days, sums), [days]);
  const most = Math.max(1, ...bars.map(({ delivered, failed }) => delivered + failed));
  return (
    <div className={classes.days} role="img" aria-label={`Messages over ${plural(days.length, "day")}`}>
      {bars.map(({ day, delivered, failed }) => (
        <span
          key={day}
          style={{ height: `${((delivered + failed) / most) * 100}%` }}
          title={`${dayName(day)}: ${plural(delivered, "message")} delivered, ${failed} failed`}
        >
          <span style={{ flex: delivered, background: DELIVERED }} />
          <span style={{ flex: failed, background: FAILED }} />
        </span>
      ))}
    </div>
  );
}

function AsTable({ days }: { days: Days }) {
  const told = bucketed(days, sums)
    .filter(({ delivered, failed }) => delivered + failed > 0)
    .reverse();
  return (
    <div style={{ maxHeight: 260, overflow: "auto" }}>
      <Table fz="sm" verticalSpacing={5} horizontalSpacing="xs" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Day</Table.Th>
            <Table.Th ta="right">Delivered</Table.Th>
            <Table.Th ta="right">Failed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {told.map(({ day, delivered, failed }) => (
            <Table.Tr key={day}>
              <Table.Td>{dayName(day)}</Table.Td>
              <Table.Td ta="right">
                <Count value={delivered} />
              </Table.Td>
              <Table.Td ta="right">
                <Count value={failed} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
