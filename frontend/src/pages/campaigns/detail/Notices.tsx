import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useInstallation } from "@/api/session";
import { type Campaign, isMoving } from "@/campaigns/model";
import { vendorsQuery } from "@/campaigns/queries";
import { vendorName } from "@/campaigns/vendors";
import { RelativeTime } from "@/parts/Words";
import { shortTime } from "@/words/times";

const ASKED_EVERY_MS = 15_000;

/** What somebody should know before anything else: why it waits. */
export function Notices({ campaign }: { campaign: Campaign }) {
  const { time_zone } = useInstallation();
  const moving = isMoving(campaign.status);
  const vendors = useQuery({ ...vendorsQuery, enabled: moving, refetchInterval: ASKED_EVERY_MS }).data;
  const breaker = vendors?.find(({ name }) => name === campaign.vendor)?.breaker;
  if (campaign.held_reason !== null) {
    return (
      <Alert
        color="yellow"
        icon={<IconAlertTriangle aria-hidden />}
        title="This campaign waits for you"
        radius="lg"
      >
        <Text size="md">{campaign.held_reason}</Text>
      </Alert>
    );
  }
  if (moving && breaker?.state === "open") {
    return (
      <Alert
        color="yellow"
        icon={<IconPlugConnectedX aria-hidden />}
        title={`${vendorName(campaign.vendor)} does not work at the moment`}
        radius="lg"
      >
        <Text size="md">
          Nothing is lost and nothing is counted as failed. XenCRM tries again by itself
          {breaker.until ? (
            <>
              {" "}
              <RelativeTime time={breaker.until} />
            </>
          ) : null}
          .
        </Text>
      </Alert>
    );
  }
  if (campaign.status === "SCHEDULED" && campaign.scheduled_at !== null) {
    return (
      <Alert color="iris" radius="lg">
        <Text size="md">
          Begins by itself <RelativeTime time={campaign.scheduled_at} />:{" "}
          {shortTime(campaign.scheduled_at, time_zone)}, {time_zone.replaceAll("_", " ")} time. Who matches
          the segment then gets it.
        </Text>
      </Alert>
    );
  }
  return null;
}
