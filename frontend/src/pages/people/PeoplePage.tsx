import { PageHeader } from "@/parts/PageHeader";

export function PeoplePage() {
  return <PageHeader title="People" />;
}
