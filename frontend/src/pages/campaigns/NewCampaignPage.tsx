import { PageHeader } from "@/parts/PageHeader";

export function NewCampaignPage() {
  return <PageHeader title="New campaign" />;
}
