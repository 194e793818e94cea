import { Text } from "@mantine/core";
import { RelativeTime } from "@/parts/Words";
import classes from "./dashboard.module.css";
import { ListCard } from "./ListCard";
import { ListRow } from "./ListRow";
import type { Dashboard } from "./queries";

export function NewestCustomers({ customers }: { customers: Dashboard["newest_customers"] | undefined }) {
  return (
    <ListCard title="Newest customers" all={{ to: "/customers", label: "All customers" }}>
      {customers &&
        (customers.length === 0 ? (
          <Text c="dimmed" py="md">
            None yet. They come with the first orders.
          </Text>
        ) : (
          <ul className={classes.list}>
            {customers.map((customer) => (
              <ListRow
                key={customer.customer_id}
                link={{ to: "/customers/$customerId", params: { customerId: customer.customer_id } }}
                name={customer.name}
                under={customer.email}
                right={<RelativeTime time={customer.created_at} />}
              />
            ))}
          </ul>
        ))}
    </ListCard>
  );
}
