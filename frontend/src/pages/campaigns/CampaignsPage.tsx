import { PageHeader } from "@/parts/PageHeader";

export function CampaignsPage() {
  return <PageHeader title="Campaigns" />;
}
