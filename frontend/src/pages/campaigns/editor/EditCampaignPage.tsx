import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useCan } from "@/api/session";
import { type Campaign, may } from "@/campaigns/model";
import { campaignQuery } from "@/campaigns/queries";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { CampaignEditor } from "./CampaignEditor";
import { CorrectMessage } from "./CorrectMessage";
import { NotEditable } from "./NotEditable";

const route = getRouteApi("/shell/campaigns/$campaignId/edit");

/** The editor of a draft; of a campaign that is paused, its message only. */
export function EditCampaignPage() {
  const { campaignId } = route.useParams();
  const campaign = useQuery(campaignQuery(campaignId));
  const writes = useCan("marketer");
  // What was launched here stays on the screen as the draft that it was until its own page is there.
  const [begun, setBegun] = useState<Campaign | null>(null);
  if (campaign.data === undefined) {
    return (
      <>
        <PageHeader title="Edit campaign" back={{ to: "/campaigns", label: "Campaigns" }} />
        <ProblemAlert error={campaign.error} retry={campaign.refetch} />
        {campaign.isPending && <Skeleton h={280} radius="lg" />}
      </>
    );
  }
  const data = begun?.campaign_id === campaignId ? begun : campaign.data;
  if (writes && data.status === "DRAFT" && may("edit", data)) {
    return <CampaignEditor key={campaignId} campaign={data} onBegun={() => setBegun(data)} />;
  }
  if (writes && may("correct", data)) return <CorrectMessage key={campaignId} campaign={data} />;
  return <NotEditable campaign={data} writes={writes} />;
}
