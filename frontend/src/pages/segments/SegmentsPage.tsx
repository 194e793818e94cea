import { PageHeader } from "@/parts/PageHeader";

export function SegmentsPage() {
  return <PageHeader title="Segments" />;
}
