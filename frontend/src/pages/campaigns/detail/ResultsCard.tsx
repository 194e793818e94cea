import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { useInstallation } from "@/api/session";
import { liftInWords, liftOnALine } from "@/campaigns/lift";
import type { Campaign, Lift, Stats } from "@/campaigns/model";
import { Count, Money, RelativeTime } from "@/parts/Words";
import { money } from "@/words/money";
import classes from "./Results.module.css";

interface Props {
  campaign: Campaign;
  stats: Stats;
}

/** What came back: orders, revenue, and what would not have come without it. */
export function ResultsCard({ campaign, stats }: Props) {
  return (
    <Card component="section" aria-labelledby="results">
      <Title order={2} id="results" mb="md">
        What it brought
      </Title>
      <Group gap="xl" mb="md">
        <Amount label="Revenue">
          <Money value={stats.revenue} short />
        </Amount>
        <Amount label="Orders">
          <Count value={stats.orders} />
        </Amount>
      </Group>
      <Text size="sm" c="dimmed">
        Completed orders within 7 days of the message, if no later campaign reached the customer first.
        {stats.computed_at !== null && (
          <>
            {" "}
            Worked out <RelativeTime time={stats.computed_at} />.
          </>
        )}
      </Text>
      <div className={classes.lift}>
        {stats.lift === null ? <NoLift campaign={campaign} /> : <LiftShown lift={stats.lift} />}
      </div>
    </Card>
  );
}

function Amount({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={classes.amount}>{children}</div>
    </div>
  );
}

function NoLift({ campaign }: { campaign: Campaign }) {
  return (
    <Text size="sm" c="dimmed">
      {campaign.holdout_percent === 0
        ? "Nobody was held out, so it cannot be told what people would have bought anyway. A hold-out in the next campaign will."
        : "What the campaign changed is worked out once the audience is written down and both groups have at least two people."}
    </Text>
  );
}

function LiftShown({ lift }: { lift: Lift }) {
  const { currency } = useInstallation();
  const words = liftInWords(lift, (value) => money(value, currency));
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        What it changed, against those held out
      </Text>
      <Text fw={600} size="lg" c={TONES[words.verdict]}>
        {words.headline}
      </Text>
      {words.verdict !== "none" && <LiftLine lift={lift} />}
      <Text size="sm" c="dimmed">
        {words.detail} All completed orders in the 7 days after the launch count, whatever led to them.
      </Text>
    </Stack>
  );
}

const TONES = { more: "var(--x-good)", less: "var(--x-bad)", unclear: undefined, none: undefined };

/** The interval, and where nothing would have changed. The words below say the same. */
function LiftLine({ lift }: { lift: Lift }) {
  const { zero, low, high, difference } = liftOnALine(lift);
  const clear = Number(lift.low) > 0 || Number(lift.high) < 0;
  return (
    <svg className={classes.line} viewBox="0 0 100 14" preserveAspectRatio="none" aria-hidden>
      <line x1="0" x2="100" y1="7" y2="7" className={classes.axis} />
      <line x1={zero} x2={zero} y1="0" y2="14" className={classes.zero} />
      <line x1={low} x2={high} y1="7" y2="7" className={classes.interval} data-clear={clear || undefined} />
      <line
        x1={difference}
        x2={difference}
        y1="2"
        y2="12"
        className={classes.middle}
        data-clear={clear || undefined}
      />
    </svg>
  );
}
