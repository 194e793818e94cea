import { SimpleGrid } from "@mantine/core";
import type { ReactNode } from "react";
import { Figure } from "@/parts/Figure";
import { Count, Money, RelativeTime } from "@/parts/Words";
import classes from "../customers.module.css";
import type { ProfileInFull } from "../requests";

function Total({ children }: { children: ReactNode }) {
  return <span className={classes.total}>{children}</span>;
}

export function Totals({ profile }: { profile: ProfileInFull }) {
  const average =
    profile.total_orders > 0 ? (Number(profile.total_spend) / profile.total_orders).toFixed(2) : null;
  return (
    <SimpleGrid className={classes.totals} spacing="sm" mb="lg">
      <Figure
        label="Total spend"
        value={
          <Total>
            <Money value={profile.total_spend} short />
          </Total>
        }
      />
      <Figure
        label="Orders"
        value={
          <Total>
            <Count value={profile.total_orders} />
          </Total>
        }
      />
      <Figure
        label="Average order"
        value={
          <Total>
            <Money value={average} short />
          </Total>
        }
      />
      <Figure
        label="Last order"
        value={
          <Total>{profile.last_order_at ? <RelativeTime time={profile.last_order_at} /> : "Never"}</Total>
        }
      />
    </SimpleGrid>
  );
}
