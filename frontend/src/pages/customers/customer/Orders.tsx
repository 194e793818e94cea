import { IconShoppingBag } from "@tabler/icons-react";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { StatusBadge } from "@/parts/StatusBadge";
import { useKeyset } from "@/parts/useKeyset";
import { ExactTime, Money } from "@/parts/Words";
import { label } from "@/words/labels";
import classes from "../customers.module.css";
import { customerKeys, listOrders, type Order } from "../requests";
import { itemsText } from "./items";

const COLUMNS: Column<Order>[] = [
  {
    key: "order",
    header: "Order",
    width: "minmax(0, 1.2fr)",
    cell: (order) => (
      <>
        <span title={order.order_id}>{order.order_id}</span>
        <div className={classes.below}>
          <ExactTime time={order.ordered_at} />
          {order.order_status !== "COMPLETED" && ` · ${label(order.order_status)}`}
        </div>
      </>
    ),
  },
  {
    key: "at",
    header: "When",
    width: "minmax(0, 150px)",
    from: 500,
    cell: (order) => <ExactTime time={order.ordered_at} />,
  },
  {
    key: "items",
    header: "Items",
    width: "minmax(0, 1.4fr)",
    from: 700,
    cell: (order) => <span title={itemsText(order.items)}>{itemsText(order.items)}</span>,
  },
  {
    key: "status",
    header: "Status",
    width: "104px",
    from: 440,
    cell: (order) => <StatusBadge status={order.order_status} />,
  },
  {
    key: "amount",
    header: "Amount",
    width: "92px",
    align: "right",
    cell: (order) => <Money value={order.order_amount} />,
  },
];

export function Orders({ customerId }: { customerId: string }) {
  const list = useKeyset<Order>(customerKeys.orders(customerId), (cursor, signal) =>
    listOrders(customerId, cursor, signal),
  );
  return (
    <DataTable
      label="Orders"
      columns={COLUMNS}
      list={list}
      rowKey={(order) => order.order_id}
      empty={
        <EmptyState
          icon={IconShoppingBag}
          title="No orders yet"
          text="This customer is known, and has not ordered so far."
        />
      }
    />
  );
}
