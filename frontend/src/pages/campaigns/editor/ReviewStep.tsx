import { Anchor, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { MailCard } from "@/campaigns/MailCard";
import type { Campaign } from "@/campaigns/model";
import { preflightCampaign } from "@/campaigns/requests";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { Blanks } from "./Blanks";
import classes from "./Editor.module.css";
import { LaunchCard } from "./LaunchCard";
import { PlanSummary } from "./PlanSummary";
import { PreflightFigures } from "./PreflightFigures";
import { TestSend } from "./TestSend";
import type { Draft } from "./useDraft";

interface Props {
  campaign: Campaign;
  draft: Draft;
  at: string | undefined;
}

/** What a launch would do, and the launch. */
export function ReviewStep(props: Props) {
  const { draft } = props;
  const { flush } = draft;
  const [settled, setSettled] = useState(draft.isSaved());
  useEffect(() => {
    flush().then(() => setSettled(true));
  }, [flush]);
  if (!settled || draft.saving.state === "saving") return <Skeleton h={220} radius="lg" />;
  if (draft.saving.state === "failed") return <Unsaved {...props} />;
  return <Ready {...props} />;
}

function Unsaved({ campaign, draft, at }: Props) {
  return (
    <Stack gap="md" maw={760}>
      <ProblemAlert error={draft.saving.error} retry={draft.flush} />
      <Text size="md">
        The last changes could not be saved.{" "}
        <Anchor
          size="md"
          renderRoot={(rest) => (
            <Link
              to="/campaigns/$campaignId/edit"
              params={{ campaignId: campaign.campaign_id }}
              search={{ step: "message", at }}
              {...rest}
            />
          )}
        >
          Go back to the message
        </Anchor>
      </Text>
    </Stack>
  );
}

function Ready({ campaign, draft, at }: Props) {
  const { campaign_id, updated_at } = campaign;
  const preflight = useQuery({
    queryKey: ["campaigns", "preflight", campaign_id, updated_at],
    queryFn: ({ signal }) => preflightCampaign(campaign_id, signal),
    staleTime: 60_000,
    // The plan is good for a quarter of an hour.
    refetchInterval: 10 * 60_000,
    gcTime: 0,
  });
  const { data } = preflight;
  return (
    <div className={classes.columns}>
      <Stack gap="lg">
        <ProblemAlert error={preflight.error} retry={preflight.refetch} />
        <PreflightFigures preflight={preflight.error ? undefined : data} failed={preflight.error !== null} />
        {data && <Blanks blank={data.blank} people={data.audience} texts={draft.fields} />}
        <PlanSummary campaign={campaign} at={at} />
        <LaunchCard campaign={campaign} preflight={data} at={at} again={preflight.refetch} />
      </Stack>
      <Stack gap="lg" className={classes.sticky}>
        {data ? (
          data.samples.length > 0 && <MailCard samples={data.samples} />
        ) : (
          <Skeleton h={260} radius="lg" animate={preflight.isPending} />
        )}
        <Card>
          <Group justify="space-between" mb="sm">
            <Title order={2}>Send a test</Title>
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => preflight.refetch()}
              loading={preflight.isRefetching}
            >
              Check again
            </Button>
          </Group>
          <TestSend campaign={campaign} samples={data?.samples ?? []} />
        </Card>
      </Stack>
    </div>
  );
}
