import { PageHeader } from "@/parts/PageHeader";

export function CampaignStatsPage() {
  return <PageHeader title="Campaign statistics" />;
}
