import { PageHeader } from "@/parts/PageHeader";

export function DashboardPage() {
  return <PageHeader title="Dashboard" />;
}
