import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Numbers } from "@/campaigns/model";
import { type Column, rowLink } from "@/parts/DataTable";
import { RelativeTime } from "@/parts/Words";
import { label } from "@/words/labels";
import { plural } from "@/words/numbers";
import classes from "./CampaignStats.module.css";
import { MEASURES, type MeasureKey, measured, type Sums } from "./measures";
import { Value } from "./Value";

/** A campaign, or all of them together. */
export type Row = { kind: "total"; sums: Sums; campaigns: number } | { kind: "campaign"; numbers: Numbers };

export const rowKey = (row: Row): string => (row.kind === "total" ? "total" : row.numbers.campaign_id);

/** In the order of the table, each with its width and where it is left out. */
const SHOWN: [MeasureKey, string, number][] = [
  ["audience", "78px", 560],
  ["delivery", "82px", 640],
  ["failed", "60px", 1080],
  ["opened", "74px", 840],
  ["clicked", "74px", 920],
  ["orders", "66px", 740],
  ["revenue", "112px", 480],
  ["perPerson", "92px", 1000],
  ["lift", "92px", 1000],
];

/** `measure` is shown however narrow it gets. */
export function statsColumns(measure: MeasureKey): Column<Row>[] {
  return [
    {
      key: "name",
      header: "Campaign",
      width: "minmax(130px, 2fr)",
      sortable: true,
      cell: (row) => <Name row={row} />,
    },
    ...SHOWN.map(
      ([key, width, from]): Column<Row> => ({
        key,
        header: MEASURES[key].label,
        width,
        align: "right",
        sortable: true,
        from: key === measure ? undefined : from,
        cell: (row) => <Cell row={row} measure={key} />,
      }),
    ),
  ];
}

function Cell({ row, measure }: { row: Row; measure: MeasureKey }) {
  if (row.kind === "campaign") return <Value measure={measure} value={measured(row.numbers, measure)} />;
  if (measure === "lift") return null;
  return (
    <span className={classes.total}>
      <Value measure={measure} value={MEASURES[measure].of(row.sums)} />
    </span>
  );
}

function Name({ row }: { row: Row }) {
  if (row.kind === "total") {
    return <span className={classes.total}>Total of {plural(row.campaigns, "campaign")}</span>;
  }
  const { campaign_id, name, status, launched_at } = row.numbers;
  return (
    <div className={classes.name}>
      <Link to="/campaigns/$campaignId" params={{ campaignId: campaign_id }} className={`${rowLink} clip`}>
        {name}
      </Link>
      <Text size="xs" c="dimmed" component="span" className="clip">
        {label(status)}
        {launched_at !== null && (
          <>
            , launched <RelativeTime time={launched_at} />
          </>
        )}
      </Text>
    </div>
  );
}
