import { PageHeader } from "@/parts/PageHeader";

export function OperationsPage() {
  return <PageHeader title="Operations" />;
}
