import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useCan } from "@/api/session";
import { may } from "@/campaigns/model";
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
  if (campaign.data === undefined) {
    return (
      <>
        <PageHeader title="Edit campaign" back={{ to: "/campaigns", label: "Campaigns" }} />
        <ProblemAlert error={campaign.error} retry={campaign.refetch} />
        {campaign.isPending && <Skeleton h={280} radius="lg" />}
      </>
    );
  }
  const { data } = campaign;
  if (writes && data.status === "DRAFT" && may("edit", data)) {
    return <CampaignEditor key={campaignId} campaign={data} />;
  }
  if (writes && may("correct", data)) return <CorrectMessage key={campaignId} campaign={data} />;
  return <NotEditable campaign={data} writes={writes} />;
}
