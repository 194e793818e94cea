import { PageHeader } from "@/parts/PageHeader";

export function CampaignPage() {
  return <PageHeader title="Campaign" />;
}
