import { Alert, Button, Group, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { asProblem } from "@/api/problem";
import type { Campaign } from "@/campaigns/model";
import { handled } from "@/campaigns/progress";
import { statsQuery } from "@/campaigns/queries";
import { changeCampaign, resumeCampaign } from "@/campaigns/requests";
import { useCampaignActions } from "@/campaigns/useCampaignActions";
import { PageHeader } from "@/parts/PageHeader";
import { StatusBadge } from "@/parts/StatusBadge";
import { showDone, showProblem } from "@/parts/toasts";
import { count } from "@/words/numbers";
import classes from "./Editor.module.css";
import { type FieldErrors, type Fields, fieldsOf, toChanges } from "./fields";
import { LeaveGuard } from "./LeaveGuard";
import { MessageStep } from "./MessageStep";
import { errorsByField } from "./useDraft";

const TEXTS = ["subject", "message_template", "html_template"] as const;

/** Another version of the message, for those who have not got it: "send the rest, corrected". */
export function CorrectMessage({ campaign }: { campaign: Campaign }) {
  const { campaign_id, name, template_version } = campaign;
  const navigate = useNavigate();
  const { keep } = useCampaignActions();
  const stats = useQuery(statsQuery(campaign_id)).data;
  const [fields, setFields] = useState<Fields>(() => fieldsOf(campaign));
  const [errors, setErrors] = useState<FieldErrors>({});
  const [busy, setBusy] = useState<"save" | "resume" | null>(null);
  const done = useRef(false);
  const original = fieldsOf(campaign);
  const changed = TEXTS.filter((text) => fields[text] !== original[text]);
  const dirty = () => changed.length > 0 && !done.current;

  const save = async (then: "save" | "resume") => {
    setBusy(then);
    setErrors({});
    try {
      const changes = Object.fromEntries(changed.map((text) => [text, fields[text]]));
      keep(await changeCampaign(campaign_id, toChanges(changes)));
      done.current = true;
      if (then === "resume") keep(await resumeCampaign(campaign_id));
      showDone(
        then === "resume" ? `“${name}” goes on with the corrected message` : "The correction is saved",
      );
      await navigate({ to: "/campaigns/$campaignId", params: { campaignId: campaign_id } });
    } catch (error) {
      if (asProblem(error).status === 400) setErrors(errorsByField(error));
      else showProblem(error);
      setBusy(null);
    }
  };
  const waiting = stats === undefined ? null : stats.pending;
  return (
    <>
      <PageHeader
        title={`Correct “${name}”`}
        badge={<StatusBadge status={campaign.status} />}
        back={{ to: "/campaigns", label: "Campaigns" }}
      />
      <Alert color="iris" icon={<IconInfoCircle aria-hidden />} mb="lg" radius="lg">
        <Text size="md">
          {waiting === null
            ? "Messages that have not gone out yet "
            : `The ${count(waiting)} messages that have not gone out yet `}
          get the corrected text, as version {template_version + 1}.
          {stats &&
            handled(stats) > 0 &&
            ` The ${count(handled(stats))} that are done stay as they were, with version ${template_version}.`}
        </Text>
      </Alert>
      <MessageStep
        fields={fields}
        change={(changes) => {
          setFields((before) => ({ ...before, ...changes }));
          setErrors({});
        }}
        errors={errors}
        textsOnly
      />
      <div className={classes.foot}>
        <Button
          variant="default"
          renderRoot={(props) => (
            <Link to="/campaigns/$campaignId" params={{ campaignId: campaign_id }} {...props} />
          )}
        >
          Cancel
        </Button>
        <Group gap="xs">
          <Button
            variant="default"
            disabled={changed.length === 0}
            loading={busy === "save"}
            onClick={() => save("save")}
          >
            Save, stay paused
          </Button>
          <Button disabled={changed.length === 0} loading={busy === "resume"} onClick={() => save("resume")}>
            Save and send the rest
          </Button>
        </Group>
      </div>
      <LeaveGuard
        wouldLose={dirty}
        unsaved={dirty}
        text="The correction is not saved. If you leave now, it is lost."
      />
    </>
  );
}
