import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Campaign, type Counters, isMoving, type Numbers } from "@/campaigns/model";
import { ProgressBar } from "@/campaigns/ProgressBar";
import { handedOver, handled, percentDone } from "@/campaigns/progress";
import { type Column, rowLink } from "@/parts/DataTable";
import { StatusBadge } from "@/parts/StatusBadge";
import { Money, Percent, RelativeTime } from "@/parts/Words";
import { count } from "@/words/numbers";
import classes from "./CampaignsPage.module.css";
import { RowActions } from "./RowActions";

export interface Row {
  campaign: Campaign;
  /** The newest there are. */
  numbers: Numbers | undefined;
}

interface Choices {
  writes: boolean;
  archive: (campaign: Campaign) => void;
}

export function campaignColumns(choices: Choices): Column<Row>[] {
  return [
    {
      key: "name",
      header: "Campaign",
      width: "minmax(150px, 2.2fr)",
      cell: (row) => <Name {...row} writes={choices.writes} />,
    },
    {
      key: "status",
      header: "Status",
      width: "128px",
      from: 600,
      cell: ({ campaign }) => <Status campaign={campaign} />,
    },
    {
      key: "progress",
      header: "Progress",
      width: "minmax(150px, 1.3fr)",
      from: 700,
      cell: ({ campaign, numbers }) => <Progress campaign={campaign} counters={numbers} />,
    },
    {
      key: "delivered",
      header: "Delivered",
      width: "84px",
      align: "right",
      from: 860,
      cell: ({ numbers }) => <Percent value={numbers?.delivery_rate} />,
    },
    {
      key: "revenue",
      header: "Revenue",
      width: "110px",
      align: "right",
      from: 960,
      cell: ({ campaign, numbers }) => (
        <Money value={campaign.launched_at === null ? null : numbers?.revenue} short />
      ),
    },
    {
      key: "when",
      header: "When",
      width: "172px",
      from: 520,
      cell: ({ campaign }) => <When campaign={campaign} />,
    },
    {
      key: "actions",
      header: "",
      width: choices.writes ? "68px" : "0px",
      align: "right",
      cell: ({ campaign }) => choices.writes && <RowActions campaign={campaign} archive={choices.archive} />,
    },
  ];
}

function Name({ campaign, numbers, writes }: Row & { writes: boolean }) {
  const { campaign_id, name, segment_name, status, archived_at } = campaign;
  const edits = writes && status === "DRAFT" && archived_at === null;
  return (
    <div className={classes.name}>
      <Link
        to={edits ? "/campaigns/$campaignId/edit" : "/campaigns/$campaignId"}
        params={{ campaignId: campaign_id }}
        className={`${rowLink} clip`}
      >
        {name}
      </Link>
      <span className={classes.second}>
        <span className={classes.narrowOnly}>
          <Status campaign={campaign} />
          {numbers && (isMoving(status) || status === "PAUSED") && <span>{percentDone(numbers)}%</span>}
        </span>
        <span className={`clip ${classes.wideOnly}`}>{segment_name}</span>
      </span>
    </div>
  );
}

function Status({ campaign }: { campaign: Campaign }) {
  if (campaign.held_reason !== null) {
    return (
      <StatusBadge status={campaign.status} tone="warn">
        Needs you
      </StatusBadge>
    );
  }
  return <StatusBadge status={campaign.status} />;
}

function Progress({ campaign, counters }: { campaign: Campaign; counters: Counters | undefined }) {
  const { status, scheduled_at, name } = campaign;
  if (status === "DRAFT") return <Dim>Not launched</Dim>;
  if (status === "SCHEDULED") {
    return (
      <Dim>
        Starts <RelativeTime time={scheduled_at} />
      </Dim>
    );
  }
  if (counters === undefined) return <Dim>…</Dim>;
  if (status === "PREPARING") return <Dim>Writing down the audience: {count(counters.audience)} so far</Dim>;
  if (counters.audience === 0) return <Dim>Nobody was in the audience</Dim>;
  return (
    <div>
      <Text size="xs" c="dimmed" mb={5} className="num">
        {progressText(status, counters)}
      </Text>
      <ProgressBar counters={counters} label={`Progress of ${name}`} />
    </div>
  );
}

function progressText(status: Campaign["status"], counters: Counters): string {
  const people = count(counters.audience);
  if (status === "COMPLETED") return `${people} people`;
  if (status === "CANCELLED") return `${count(handedOver(counters))} of ${people} went out`;
  return `${count(handled(counters))} of ${people} · ${percentDone(counters)}%`;
}

function When({ campaign }: { campaign: Campaign }) {
  const { finished_at, launched_at, updated_at, status } = campaign;
  if (finished_at !== null) {
    return (
      <Dim>
        {status === "CANCELLED" ? "Cancelled" : "Finished"} <RelativeTime time={finished_at} />
      </Dim>
    );
  }
  return (
    <Dim>
      {launched_at === null ? "Edited" : "Launched"} <RelativeTime time={launched_at ?? updated_at} />
    </Dim>
  );
}

function Dim({ children }: { children: React.ReactNode }) {
  return (
    <Text size="sm" c="dimmed" component="span" className="clip">
      {children}
    </Text>
  );
}
