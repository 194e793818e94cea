import { Card, Group, Select, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { Numbers } from "@/campaigns/model";
import classes from "./CampaignStats.module.css";
import { chartOf, MEASURE_KEYS, MEASURES, type MeasureKey } from "./measures";
import { Value } from "./Value";

const MOST = 10;

const CHOICES: Record<MeasureKey, string> = {
  revenue: "Revenue",
  perPerson: "Revenue per person reached",
  orders: "Orders",
  audience: "Audience",
  delivery: "Share delivered",
  failed: "Messages failed",
  opened: "Share opened",
  clicked: "Share clicked",
  lift: "Lift per person",
};

interface Props {
  rows: Numbers[];
  measure: MeasureKey;
  choose: (measure: MeasureKey) => void;
}

/** The best campaigns by one measure, as bars. */
export function CompareChart({ rows, measure, choose }: Props) {
  const { bars, zero } = chartOf(rows, measure, MOST);
  const { kind } = MEASURES[measure];
  return (
    <Card component="section" aria-labelledby="compared">
      <Group justify="space-between" mb="md" gap="sm">
        <Title order={2} id="compared">
          {bars.length >= MOST ? `The first ${MOST} by` : "Compared by"}{" "}
          {CHOICES[measure].charAt(0).toLowerCase() + CHOICES[measure].slice(1)}
        </Title>
        <Select
          aria-label="What is compared"
          value={measure}
          onChange={(next) => next !== null && choose(next as MeasureKey)}
          data={MEASURE_KEYS.map((key) => ({ value: key, label: CHOICES[key] }))}
          allowDeselect={false}
          w={240}
          maxDropdownHeight={380}
        />
      </Group>
      {bars.length === 0 ? (
        <Text c="dimmed" size="md">
          {EMPTY[measure] ?? "No campaign has been launched yet."}
        </Text>
      ) : (
        <ul className={classes.chart} aria-label={`Campaigns by ${CHOICES[measure].toLowerCase()}`}>
          {bars.map(({ numbers, value, from, to }) => (
            <li key={numbers.campaign_id} className={classes.chartRow}>
              <Link
                to="/campaigns/$campaignId"
                params={{ campaignId: numbers.campaign_id }}
                className={`${classes.chartName} clip`}
              >
                {numbers.name}
              </Link>
              <span className={classes.track} aria-hidden>
                <span
                  className={classes.bar}
                  data-below={value < 0 || undefined}
                  style={{ "--from": `${from}%`, "--width": `${to - from}%` } as CSSProperties}
                />
                {zero > 0 && (
                  <span className={classes.zero} style={{ "--from": `${zero}%` } as CSSProperties} />
                )}
              </span>
              <span className={classes.chartValue}>
                <Value measure={measure} value={value} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {kind === "money" && measure === "lift" && bars.length > 0 && (
        <Text size="sm" c="dimmed" mt="md">
          How much more each person spent than those held out. A campaign's own page says how sure that is.
        </Text>
      )}
    </Card>
  );
}

const EMPTY: Partial<Record<MeasureKey, string>> = {
  opened: "No campaign here counts who opens and clicks. It is switched on in the editor, under Message.",
  clicked: "No campaign here counts who opens and clicks. It is switched on in the editor, under Message.",
  lift: "No campaign here held anybody out. A hold-out is set in the editor, under Delivery.",
};
