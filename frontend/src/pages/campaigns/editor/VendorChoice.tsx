import { Card, Radio, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Vendor } from "@/campaigns/model";
import { vendorsQuery } from "@/campaigns/queries";
import { vendorName, vendorText } from "@/campaigns/vendors";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { count } from "@/words/numbers";
import { Choice } from "./Choice";
import type { Change } from "./fields";

/** What carries the messages. */
export function VendorChoice({ vendor, change }: { vendor: string; change: Change }) {
  const vendors = useQuery(vendorsQuery);
  return (
    <Card>
      <Radio.Group label="Sent by" value={vendor} onChange={(value) => change({ vendor: value })}>
        <Stack gap="xs" mt={6}>
          {vendors.isPending && <Skeleton h={62} />}
          <ProblemAlert error={vendors.error} retry={vendors.refetch} />
          {vendors.data?.map((each) => (
            <Choice
              key={each.name}
              value={each.name}
              label={vendorName(each.name)}
              text={
                <>
                  {vendorText(each.name)} <Limits vendor={each} />
                </>
              }
              disabled={!each.configured}
            />
          ))}
        </Stack>
      </Radio.Group>
    </Card>
  );
}

function Limits({ vendor }: { vendor: Vendor }) {
  if (!vendor.configured) return <>Not set up yet: an admin has to set {vendor.missing.join(" and ")}.</>;
  if (vendor.breaker.state === "open") {
    return (
      <Text span inherit c="var(--x-warn)">
        It does not work at the moment; XenCRM tries again by itself.
      </Text>
    );
  }
  return vendor.rate_per_s === null ? null : <>At most {count(vendor.rate_per_s)} messages a second.</>;
}
