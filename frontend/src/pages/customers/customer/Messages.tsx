import { IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type Column, DataTable, rowLink } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { StatusBadge } from "@/parts/StatusBadge";
import { useKeyset } from "@/parts/useKeyset";
import { ExactTime } from "@/parts/Words";
import { label } from "@/words/labels";
import classes from "../customers.module.css";
import { customerKeys, listTimeline, type TimelineItem } from "../requests";

/** Of a table in pixels: below it the time stands under the campaign. */
const NARROW = 560;

function Campaign({ item: { campaign_id, campaign_name, message_id } }: { item: TimelineItem }) {
  if (!campaign_id || !message_id) return campaign_name;
  return (
    <Link
      to="/campaigns/$campaignId"
      params={{ campaignId: campaign_id }}
      search={{ tab: "messages", message: message_id }}
      className={rowLink}
    >
      {campaign_name}
    </Link>
  );
}

const COLUMNS: Column<TimelineItem>[] = [
  {
    key: "campaign",
    header: "Campaign",
    width: "minmax(0, 1.5fr)",
    from: NARROW,
    cell: (item) => <Campaign item={item} />,
  },
  {
    key: "campaign-and-when",
    header: "Campaign",
    width: "minmax(0, 1fr)",
    until: NARROW,
    cell: (item) => (
      <>
        <Campaign item={item} />
        <div className={classes.below}>
          <ExactTime time={item.at} />
        </div>
      </>
    ),
  },
  {
    key: "at",
    header: "When",
    width: "180px",
    from: NARROW,
    cell: ({ at }) => <ExactTime time={at} />,
  },
  {
    key: "state",
    header: "State",
    width: "132px",
    cell: ({ status }) => status && <StatusBadge status={status} />,
  },
  {
    key: "reason",
    header: "Reason",
    width: "minmax(0, 1fr)",
    from: 700,
    cell: ({ reason }) => reason && label(reason),
  },
];

export function Messages({ customerId }: { customerId: string }) {
  const list = useKeyset<TimelineItem>(customerKeys.timeline(customerId, "message"), (cursor, signal) =>
    listTimeline(customerId, "message", cursor, signal),
  );
  return (
    <DataTable
      label="Messages"
      columns={COLUMNS}
      list={list}
      rowKey={(item) => item.message_id ?? item.at}
      empty={
        <EmptyState
          icon={IconSend}
          title="No messages yet"
          text="No campaign has reached this customer so far."
        />
      }
    />
  );
}
