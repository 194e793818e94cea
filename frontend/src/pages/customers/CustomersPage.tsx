import { PageHeader } from "@/parts/PageHeader";

export function CustomersPage() {
  return <PageHeader title="Customers" />;
}
