import { Button } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Campaign } from "@/campaigns/model";
import { STEPS } from "../search";
import { AudienceStep } from "./AudienceStep";
import { DeliveryStep } from "./DeliveryStep";
import { EditorFrame } from "./EditorFrame";
import { LaunchButton } from "./LaunchButton";
import { LeaveGuard } from "./LeaveGuard";
import { MessageStep } from "./MessageStep";
import { ReviewStep } from "./ReviewStep";
import { SaveState } from "./SaveState";
import { STEP_LABELS } from "./Steps";
import { useDraft } from "./useDraft";

const route = getRouteApi("/shell/campaigns/$campaignId/edit");

interface Props {
  campaign: Campaign;
  onBegun: () => void;
}

/** A draft, step by step. */
export function CampaignEditor({ campaign, onBegun }: Props) {
  const { step = "audience", at } = route.useSearch();
  const navigate = route.useNavigate();
  const draft = useDraft(campaign);
  const { fields, change, errors, saving, flush, isSaved } = draft;
  const index = STEPS.indexOf(step);
  const next = STEPS[index + 1];
  const before = STEPS[index - 1];
  const setAt = useCallback(
    (value: string | undefined) =>
      navigate({ search: (search) => ({ ...search, at: value }), replace: true, resetScroll: false }),
    [navigate],
  );
  const goOn = async () => {
    if (next && (await flush())) await navigate({ search: { step: next, at } });
  };
  return (
    <>
      <EditorFrame
        title={fields.name.trim() || "Unnamed campaign"}
        badge={<SaveState saving={saving} />}
        step={step}
        campaignId={campaign.campaign_id}
        at={at}
        foot={
          <>
            {before ? (
              <Button
                variant="default"
                renderRoot={(props) => (
                  <Link
                    from="/campaigns/$campaignId/edit"
                    to="/campaigns/$campaignId/edit"
                    search={{ step: before, at }}
                    {...props}
                  />
                )}
              >
                Back to {STEP_LABELS[before].toLowerCase()}
              </Button>
            ) : (
              <span />
            )}
            {step === "review" && (
              <LaunchButton campaign={campaign} saved={saving.state === "saved"} at={at} onBegun={onBegun} />
            )}
            {next && (
              <Button onClick={goOn} loading={saving.state === "saving"}>
                Continue to {STEP_LABELS[next].toLowerCase()}
              </Button>
            )}
          </>
        }
      >
        {step === "audience" && <AudienceStep fields={fields} change={change} errors={errors} />}
        {step === "message" && <MessageStep fields={fields} change={change} errors={errors} />}
        {step === "delivery" && <DeliveryStep fields={fields} change={change} at={at} setAt={setAt} />}
        {step === "review" && <ReviewStep campaign={campaign} draft={draft} at={at} />}
      </EditorFrame>
      <LeaveGuard
        wouldLose={async () => !isSaved() && !(await flush())}
        unsaved={() => !isSaved()}
        text="The last changes could not be saved. If you leave now, they are lost."
      />
    </>
  );
}
