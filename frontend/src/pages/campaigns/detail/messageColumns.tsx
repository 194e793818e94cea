import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Campaign, Message } from "@/campaigns/model";
import { reasonName } from "@/campaigns/reasons";
import { type Column, rowLink } from "@/parts/DataTable";
import { StatusBadge } from "@/parts/StatusBadge";
import { RelativeTime } from "@/parts/Words";

export function messageColumns(campaign: Campaign): Column<Message>[] {
  const columns: Column<Message>[] = [
    {
      key: "customer",
      header: "Customer",
      width: "minmax(150px, 2fr)",
      cell: (message) => <Customer message={message} />,
    },
    {
      key: "state",
      header: "State",
      width: "132px",
      cell: ({ state }) => (
        <StatusBadge status={state}>{state === "HOLDOUT" ? "Held out" : undefined}</StatusBadge>
      ),
    },
    {
      key: "reason",
      header: "Reason",
      width: "minmax(120px, 1.2fr)",
      from: 640,
      cell: ({ reason }) => (reason === null ? "" : reasonName(reason)),
    },
    {
      key: "attempt",
      header: "Attempt",
      width: "70px",
      align: "right",
      from: 760,
      cell: ({ attempt, sent_at, settled_at }) => (sent_at || settled_at || attempt > 1 ? attempt : ""),
    },
    {
      key: "when",
      header: "When",
      width: "140px",
      align: "right",
      from: 520,
      cell: ({ settled_at, sent_at }) => (
        <Text size="sm" c="dimmed" component="span">
          <RelativeTime time={settled_at ?? sent_at} />
        </Text>
      ),
    },
  ];
  if (campaign.template_version === 1) return columns;
  const version: Column<Message> = {
    key: "version",
    header: "Version",
    width: "64px",
    align: "right",
    from: 860,
    cell: ({ template_version }) => template_version ?? "",
  };
  return [...columns.slice(0, 4), version, ...columns.slice(4)];
}

function Customer({ message }: { message: Message }) {
  return (
    <div style={{ display: "flex", flexDirection: "column", minWidth: 0 }}>
      <Link
        from="/campaigns/$campaignId"
        to="/campaigns/$campaignId"
        search={(search) => ({ ...search, message: message.message_id })}
        resetScroll={false}
        className={`${rowLink} clip`}
      >
        {message.name ?? "Erased customer"}
      </Link>
      <Text size="xs" c="dimmed" component="span" className="clip">
        {message.address ?? message.email ?? ""}
      </Text>
    </div>
  );
}
