import { PageHeader } from "@/parts/PageHeader";

export function CustomerPage() {
  return <PageHeader title="Customer" />;
}
