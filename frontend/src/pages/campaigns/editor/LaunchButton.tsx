import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconClock, IconSend } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { useInstallation } from "@/api/session";
import type { Campaign, Preflight } from "@/campaigns/model";
import { launchCampaign, scheduleCampaign } from "@/campaigns/requests";
import { useCampaignActions } from "@/campaigns/useCampaignActions";
import { vendorWithin } from "@/campaigns/vendors";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { plural } from "@/words/numbers";
import { shortTime } from "@/words/times";
import { addressed } from "./PreflightFigures";
import { usePreflight } from "./usePreflight";
import { momentOf } from "./zone";

interface Props {
  campaign: Campaign;
  /** Everything that was written is saved. */
  saved: boolean;
  at: string | undefined;
  /** It is launched or scheduled, and no draft any more. */
  onBegun: () => void;
}

/** The launch, or the schedule, after one more question. */
export function LaunchButton({ campaign, saved, at, onBegun }: Props) {
  const { time_zone } = useInstallation();
  const [asking, setAsking] = useState(false);
  const { data, error, refetch } = usePreflight(campaign, saved);
  const preflight = saved && error === null ? data : undefined;
  const moment = at === undefined ? null : momentOf(at, time_zone);
  const passed = moment !== null && moment.getTime() <= Date.now();
  const reach = preflight === undefined ? undefined : addressed(preflight);
  const nobody = reach === 0;
  const people = plural(reach ?? 0, "person", "people");
  return (
    <>
      <Group gap="sm">
        <Text size="md" c="dimmed">
          {nobody && "Nobody would get it as things are."}
          {passed && "The time that you set has passed: choose another one under Delivery."}
          {!nobody && !passed && reach !== undefined && (moment ? `To about ${people}` : `To ${people}`)}
        </Text>
        <Button
          leftSection={moment ? <IconClock size={17} aria-hidden /> : <IconSend size={17} aria-hidden />}
          disabled={reach === undefined || nobody || passed}
          onClick={() => setAsking(true)}
        >
          {moment ? "Schedule…" : "Launch…"}
        </Button>
      </Group>
      {preflight && (
        <Ask
          open={asking}
          close={() => setAsking(false)}
          campaign={campaign}
          preflight={preflight}
          moment={moment}
          again={refetch}
          onBegun={onBegun}
        />
      )}
    </>
  );
}

interface AskProps {
  open: boolean;
  close: () => void;
  campaign: Campaign;
  preflight: Preflight;
  moment: Date | null;
  again: () => void;
  onBegun: () => void;
}

function Ask({ open, close, campaign, preflight, moment, again, onBegun }: AskProps) {
  const { time_zone } = useInstallation();
  const navigate = useNavigate();
  const { keep } = useCampaignActions();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const { campaign_id, name, vendor } = campaign;
  const people = plural(addressed(preflight), "person", "people");
  const begin = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const begun = moment
        ? await scheduleCampaign(campaign_id, moment.toISOString(), preflight.plan_token)
        : await launchCampaign(campaign_id, preflight.plan_token);
      onBegun();
      keep(begun);
      showDone(moment ? `“${name}” is scheduled` : `“${name}” is on its way`);
      await navigate({ to: "/campaigns/$campaignId", params: { campaignId: campaign_id } });
    } catch (error) {
      setProblem(error);
      if (asProblem(error).status === 409) again();
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      opened={open}
      onClose={close}
      title={moment ? `Schedule for ${people}?` : `Send to ${people} now?`}
      size="md"
    >
      <Stack gap="sm">
        <Text size="md">
          <b>{name}</b> goes to {people} in “{campaign.segment_name}” by {vendorWithin(vendor)}
          {moment ? `, beginning ${shortTime(moment, time_zone)}.` : "."}
          {preflight.holdout > 0 && ` ${plural(preflight.holdout, "person is", "people are")} held out.`}
        </Text>
        <Text size="md" c="dimmed">
          {moment
            ? "Who matches the segment by then gets it, so the number may change. You can take it off the schedule until it begins."
            : "You can pause it at any time. What has gone out cannot be called back."}
        </Text>
        <ProblemAlert error={problem} />
        <Group justify="flex-end" gap="xs" mt="xs">
          <Button variant="default" onClick={close}>
            Not yet
          </Button>
          <Button onClick={begin} loading={busy} data-autofocus>
            {moment ? "Schedule" : `Send to ${people}`}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
