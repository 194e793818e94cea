import { SimpleGrid } from "@mantine/core";
import { Figure } from "@/parts/Figure";
import { Count, Money, RelativeTime } from "@/parts/Words";
import classes from "../customers.module.css";
import type { ProfileInFull } from "../requests";

export function Totals({ profile }: { profile: ProfileInFull }) {
  const average =
    profile.total_orders > 0 ? (Number(profile.total_spend) / profile.total_orders).toFixed(2) : null;
  return (
    <SimpleGrid className={classes.totals} spacing="sm" mb="lg">
      <Figure label="Total spend" value={<Money value={profile.total_spend} short />} />
      <Figure label="Orders" value={<Count value={profile.total_orders} />} />
      <Figure label="Average order" value={<Money value={average} short />} />
      <Figure
        label="Last order"
        value={profile.last_order_at ? <RelativeTime time={profile.last_order_at} /> : "Never"}
      />
    </SimpleGrid>
  );
}
