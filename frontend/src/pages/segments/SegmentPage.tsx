import { PageHeader } from "@/parts/PageHeader";

export function SegmentPage() {
  return <PageHeader title="Segment" />;
}
