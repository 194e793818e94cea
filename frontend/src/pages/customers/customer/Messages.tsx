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

const COLUMNS: Column<TimelineItem>[] = [
  {
    key: "campaign",
    header: "Campaign",
    width: "minmax(0, 1.5fr)",
    cell: ({ campaign_id, campaign_name, message_id, at }) => (
      <>
        {campaign_id && message_id ? (
          <Link
            to="/campaigns/$campaignId"
            params={{ campaignId: campaign_id }}
            search={{ tab: "messages", message: message_id }}
            className={rowLink}
          >
            {campaign_name}
          </Link>
        ) : (
          campaign_name
        )}
        <div className={classes.below}>
          <ExactTime time={at} />
        </div>
      </>
    ),
  },
  {
    key: "at",
    header: "When",
    width: "minmax(0, 150px)",
    from: 500,
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
    from: 560,
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
