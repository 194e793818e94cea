import { PageHeader } from "@/parts/PageHeader";

export function EditCampaignPage() {
  return <PageHeader title="Edit campaign" />;
}
