import { Anchor, Card, Skeleton, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { MailCard } from "@/campaigns/MailCard";
import type { Campaign } from "@/campaigns/model";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { Blanks } from "./Blanks";
import classes from "./Editor.module.css";
import { PlanSummary } from "./PlanSummary";
import { PreflightFigures } from "./PreflightFigures";
import { TestSend } from "./TestSend";
import type { Draft } from "./useDraft";
import { usePreflight } from "./usePreflight";

interface Props {
  campaign: Campaign;
  draft: Draft;
  at: string | undefined;
}

/** What a launch would do. */
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
  const preflight = usePreflight(campaign, true);
  const { data } = preflight;
  return (
    <div className={classes.columns}>
      <Stack gap="lg">
        <ProblemAlert error={preflight.error} retry={preflight.refetch} />
        {preflight.error === null && (
          <PreflightFigures preflight={data} again={preflight.refetch} busy={preflight.isFetching} />
        )}
        {data && <Blanks blank={data.blank} people={data.audience} texts={draft.fields} />}
        <PlanSummary campaign={campaign} at={at} />
      </Stack>
      <Stack gap="lg" className={classes.sticky}>
        {data ? (
          data.samples.length > 0 && <MailCard samples={data.samples} />
        ) : (
          <Skeleton h={260} radius="lg" animate={preflight.isPending} />
        )}
        <Card>
          <Title order={2} mb="sm">
            Send a test
          </Title>
          <TestSend campaign={campaign} samples={data?.samples ?? []} />
        </Card>
      </Stack>
    </div>
  );
}
