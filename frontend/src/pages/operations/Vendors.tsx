import { Group, Skeleton, Stack, Text } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { StatusBadge } from "@/parts/StatusBadge";
import { RelativeTime } from "@/parts/Words";
import { VENDORS } from "@/words/labels";
import { count } from "@/words/numbers";

type Vendor = Schemas["ShownVendor"];

function State({ vendor }: { vendor: Vendor }) {
  if (!vendor.configured) return <StatusBadge status="DRAFT">Not set up</StatusBadge>;
  if (vendor.breaker.state === "open") return <StatusBadge status="PAUSED">Left alone</StatusBadge>;
  if (vendor.breaker.state === "half_open") return <StatusBadge status="PAUSED">On trial</StatusBadge>;
  return <StatusBadge status="COMPLETED">Ready</StatusBadge>;
}

function Told({ vendor }: { vendor: Vendor }) {
  if (!vendor.configured) return <>Settings to fill in: {vendor.missing.join(", ")}</>;
  if (vendor.breaker.state === "open") {
    return (
      <>
        It failed or asked for a pause; tried again <RelativeTime time={vendor.breaker.until} />
      </>
    );
  }
  return (
    <>{vendor.rate_per_s === null ? "No limit" : `Up to ${count(vendor.rate_per_s)} messages a second`}</>
  );
}

/** What carries messages, and whether it works. */
export function Vendors({ vendors, error }: { vendors: Vendor[] | undefined; error: unknown }) {
  if (error && !vendors) return <ProblemAlert error={error} />;
  if (!vendors) return <Skeleton h={140} />;
  return (
    <Stack gap="md" mt="xs">
      {vendors.map((vendor) => (
        <Group key={vendor.name} justify="space-between" wrap="nowrap" gap="sm">
          <div style={{ minWidth: 0 }}>
            <Text size="md" fw={500}>
              {VENDORS[vendor.name] ?? vendor.name}
            </Text>
            <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
              <Told vendor={vendor} />
            </Text>
          </div>
          <State vendor={vendor} />
        </Group>
      ))}
    </Stack>
  );
}
