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

/** Of a table in pixels: below it the id and the time stand under each other. */
const NARROW = 600;

const COLUMNS: Column<Order>[] = [
  {
    key: "order",
    header: "Order",
    width: "minmax(0, 1.2fr)",
    from: NARROW,
    cell: (order) => <span title={order.order_id}>{order.order_id}</span>,
  },
  {
    key: "order-and-when",
    header: "Order",
    width: "minmax(0, 1fr)",
    until: NARROW,
    cell: (order) => (
      <>
        <ExactTime time={order.ordered_at} />
        <div className={`${classes.below} whole`}>{order.order_id}</div>
        {order.order_status !== "COMPLETED" && (
          <div className={classes.below}>{label(order.order_status)}</div>
        )}
      </>
    ),
  },
  {
    key: "at",
    header: "When",
    width: "180px",
    from: NARROW,
    cell: (order) => <ExactTime time={order.ordered_at} />,
  },
  {
    key: "items",
    header: "Items",
    width: "minmax(0, 1.4fr)",
    from: 780,
    cell: (order) => <span title={itemsText(order.items)}>{itemsText(order.items)}</span>,
  },
  {
    key: "status",
    header: "Status",
    width: "104px",
    from: NARROW,
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
      narrow={{ until: NARROW, rowHeight: 78 }}
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
