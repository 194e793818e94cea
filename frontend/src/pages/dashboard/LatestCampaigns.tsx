import { Text } from "@mantine/core";
import { StatusBadge } from "@/parts/StatusBadge";
import { Count, Percent, RelativeTime } from "@/parts/Words";
import classes from "./dashboard.module.css";
import { ListCard } from "./ListCard";
import { ListRow } from "./ListRow";
import type { Dashboard } from "./queries";

type Campaign = Dashboard["latest_campaigns"][number];

function Told({ campaign }: { campaign: Campaign }) {
  if (campaign.audience === 0) {
    return (
      <>
        Made <RelativeTime time={campaign.created_at} />
      </>
    );
  }
  return (
    <>
      <Count value={campaign.delivered} /> of <Count value={campaign.audience} /> delivered
      {campaign.delivery_rate !== null && (
        <>
          , <Percent value={campaign.delivery_rate} />
        </>
      )}
    </>
  );
}

export function LatestCampaigns({ campaigns }: { campaigns: Campaign[] | undefined }) {
  return (
    <ListCard title="Latest campaigns" all={{ to: "/campaigns", label: "All campaigns" }}>
      {campaigns &&
        (campaigns.length === 0 ? (
          <Text c="dimmed" py="md">
            None yet. A campaign sends one message to everyone in a segment.
          </Text>
        ) : (
          <ul className={classes.list}>
            {campaigns.map((campaign) => (
              <ListRow
                key={campaign.campaign_id}
                link={{ to: "/campaigns/$campaignId", params: { campaignId: campaign.campaign_id } }}
                name={campaign.name}
                under={<Told campaign={campaign} />}
                right={<StatusBadge status={campaign.status} />}
              />
            ))}
          </ul>
        ))}
    </ListCard>
  );
}
