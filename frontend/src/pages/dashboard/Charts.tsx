import "@mantine/charts/styles.layer.css";
import { AreaChart, BarChart } from "@mantine/charts";
import { SimpleGrid } from "@mantine/core";
import { useMemo } from "react";
import { useInstallation } from "@/api/session";
import { ChartCard } from "@/parts/ChartCard";
import { Count, Money } from "@/parts/Words";
import { money, shortMoney } from "@/words/money";
import { count, plural, shortCount } from "@/words/numbers";
import { dayName } from "@/words/times";
import type { Dashboard } from "./queries";
import { type Bar, bucketed } from "./series";

const HEIGHT = 220;
const WEEK = "Week of ";
const AXIS = { tickMargin: 8, minTickGap: 28, tickFormatter: (name: string) => name.replace(WEEK, "") };

interface Sums {
  orders: number;
  revenue: number;
}

type Point = Bar & Sums;

const sums = (days: readonly Dashboard["series"]["orders"][number][]): Sums => ({
  orders: days.reduce((total, { orders }) => total + orders, 0),
  revenue: days.reduce((total, { revenue }) => total + Number(revenue), 0),
});

const named = ({ day, days }: Bar) => (days > 1 ? WEEK + dayName(day) : dayName(day));

function highest(points: Point[], of: keyof Sums): Point | undefined {
  return points.reduce<Point | undefined>(
    (best, each) => (best && best[of] >= each[of] ? best : each),
    undefined,
  );
}

/** Revenue and orders over time. */
export function Charts({ data }: { data: Dashboard }) {
  const { currency } = useInstallation();
  const points = useMemo(() => bucketed(data.series.orders, sums), [data.series.orders]);
  const drawn = points.map((point) => ({ ...point, name: named(point) }));
  const [best, busiest] = [highest(points, "revenue"), highest(points, "orders")];
  const over = plural(data.series.orders.length, "day");
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <ChartCard
        title="Revenue"
        height={HEIGHT}
        note={best && best.revenue > 0 && `Best: ${money(best.revenue, currency)}, ${named(best)}`}
        summary={`Revenue over ${over}, ${money(data.current.revenue, currency)} together.`}
        table={{
          head: ["Day", "Revenue"],
          rows: points
            .map((point) => [named(point), <Money key="revenue" value={point.revenue} />])
            .reverse(),
        }}
      >
        <AreaChart
          h={HEIGHT}
          data={drawn}
          dataKey="name"
          series={[{ name: "revenue", label: "Revenue", color: "var(--x-chart-1)" }]}
          curveType="monotone"
          withDots={false}
          withGradient
          fillOpacity={0.28}
          strokeWidth={2}
          tickLine="none"
          gridAxis="x"
          strokeDasharray="0"
          gridColor="var(--x-line)"
          accessibilityLayer={false}
          valueFormatter={(value) => money(value, currency)}
          xAxisProps={AXIS}
          yAxisProps={{ width: 58, tickFormatter: (value: number) => shortMoney(value, currency) }}
          areaProps={{ isAnimationActive: false }}
        />
      </ChartCard>
      <ChartCard
        title="Orders"
        height={HEIGHT}
        note={busiest && busiest.orders > 0 && `Most: ${count(busiest.orders)}, ${named(busiest)}`}
        summary={`Orders over ${over}, ${count(data.current.orders)} together.`}
        table={{
          head: ["Day", "Orders"],
          rows: points.map((point) => [named(point), <Count key="orders" value={point.orders} />]).reverse(),
        }}
      >
        <BarChart
          h={HEIGHT}
          data={drawn}
          dataKey="name"
          series={[{ name: "orders", label: "Orders", color: "var(--x-chart-2)" }]}
          tickLine="none"
          gridAxis="x"
          strokeDasharray="0"
          gridColor="var(--x-line)"
          accessibilityLayer={false}
          maxBarWidth={28}
          valueFormatter={count}
          xAxisProps={AXIS}
          yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: shortCount }}
          barProps={{ isAnimationActive: false, radius: [3, 3, 0, 0] }}
        />
      </ChartCard>
    </SimpleGrid>
  );
}
