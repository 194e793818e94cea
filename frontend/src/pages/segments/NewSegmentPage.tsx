import { PageHeader } from "@/parts/PageHeader";

export function NewSegmentPage() {
  return <PageHeader title="New segment" />;
}
