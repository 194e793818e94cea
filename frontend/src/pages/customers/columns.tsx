import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, rowLink } from "@/parts/DataTable";
import { StatusBadge } from "@/parts/StatusBadge";
import { Count, Money, RelativeTime } from "@/parts/Words";
import classes from "./customers.module.css";
import type { Profile } from "./requests";

const COLUMNS: Column<Profile>[] = [
  {
    key: "name",
    header: "Name",
    width: "minmax(0, 1.1fr)",
    sortable: true,
    cell: (profile) => (
      <>
        <Link to="/customers/$customerId" params={{ customerId: profile.customer_id }} className={rowLink}>
          {profile.name}
        </Link>
        <Text className={classes.emailBelow}>{profile.email}</Text>
      </>
    ),
  },
  {
    key: "email",
    header: "E-mail",
    width: "minmax(0, 1.8fr)",
    sortable: true,
    from: 620,
    cell: (profile) => <span title={profile.email}>{profile.email}</span>,
  },
  {
    key: "total_spend",
    header: "Spend",
    width: "minmax(84px, 0.8fr)",
    align: "right",
    sortable: true,
    cell: (profile) => <Money value={profile.total_spend} />,
  },
  {
    key: "total_orders",
    header: "Orders",
    width: "72px",
    align: "right",
    from: 480,
    cell: (profile) => <Count value={profile.total_orders} />,
  },
  {
    key: "last_order_at",
    header: "Last order",
    width: "108px",
    sortable: true,
    from: 720,
    cell: (profile) => <RelativeTime time={profile.last_order_at} />,
  },
  {
    key: "status",
    header: "Status",
    width: "92px",
    from: 840,
    cell: (profile) => <StatusBadge status={profile.status} />,
  },
  {
    key: "created_at",
    header: "Customer since",
    width: "116px",
    sortable: true,
    from: 1080,
    cell: (profile) => <RelativeTime time={profile.created_at} />,
  },
];

const CITY: Column<Profile> = {
  key: "city",
  header: "City",
  width: "minmax(0, 0.7fr)",
  from: 940,
  cell: (profile) => String(profile.attributes.city ?? ""),
};

export function columnsFor(hasCity: boolean): Column<Profile>[] {
  if (!hasCity) return COLUMNS;
  return COLUMNS.flatMap((column) => (column.key === "status" ? [column, CITY] : [column]));
}
