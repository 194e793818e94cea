import { SimpleGrid } from "@mantine/core";
import { Figure } from "@/parts/Figure";
import { Count, Money } from "@/parts/Words";
import { changePercent } from "@/words/numbers";
import type { Dashboard } from "./queries";

type Span = Dashboard["current"];

/** What came in the period, its change against the one before, and the sums of all time. */
export function Figures({ data }: { data: Dashboard | undefined }) {
  const change = (of: keyof Span) =>
    data ? changePercent(Number(data.current[of]), Number(data.previous[of])) : undefined;
  const totals = data?.totals;
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, xl: 6 }} spacing="md" aria-label="Figures" role="group">
      <Figure
        label="Revenue"
        value={data && <Money value={data.current.revenue} short />}
        change={change("revenue")}
        note={
          totals && (
            <>
              <Money value={totals.revenue} short /> in all
            </>
          )
        }
      />
      <Figure
        label="Orders"
        value={data && <Count value={data.current.orders} />}
        change={change("orders")}
        note={
          totals && (
            <>
              <Count value={totals.orders} /> in all
            </>
          )
        }
      />
      <Figure
        label="New customers"
        value={data && <Count value={data.current.customers} />}
        change={change("customers")}
        note={
          totals && (
            <>
              <Count value={totals.customers} /> in all, <Count value={totals.active_customers} /> active
            </>
          )
        }
      />
      <Figure
        label="Campaigns launched"
        value={data && <Count value={data.current.campaigns} />}
        change={change("campaigns")}
        note={
          totals && (
            <>
              <Count value={totals.campaigns} /> in all, <Count value={totals.active_campaigns} /> active
            </>
          )
        }
      />
      <Figure
        label="Delivered"
        value={data && <Count value={data.current.delivered} />}
        change={change("delivered")}
        note={
          totals && (
            <>
              <Count value={totals.delivered} /> in all
            </>
          )
        }
      />
      <Figure
        label="Failed"
        value={data && <Count value={data.current.failed} />}
        change={change("failed")}
        downIsGood
        note={
          totals && (
            <>
              <Count value={totals.failed} /> in all
            </>
          )
        }
      />
    </SimpleGrid>
  );
}
