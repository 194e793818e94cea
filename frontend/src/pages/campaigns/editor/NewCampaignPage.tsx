import { Button, Card } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { keys } from "@/api/keys";
import { asProblem } from "@/api/problem";
import { useCan } from "@/api/session";
import { campaignKeys, vendorsQuery } from "@/campaigns/queries";
import { createCampaign } from "@/campaigns/requests";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { AudienceStep } from "./AudienceStep";
import { EditorFrame } from "./EditorFrame";
import { type FieldErrors, type Fields, STARTER_TEXT } from "./fields";
import { LeaveGuard } from "./LeaveGuard";
import { errorsByField } from "./useDraft";

const route = getRouteApi("/shell/campaigns/new");

type Start = Pick<Fields, "name"> & { segment_id: string | null };

function missing({ name, segment_id }: Start): FieldErrors {
  return {
    ...(name.trim() === "" ? { name: "Give it a name" } : {}),
    ...(segment_id === null ? { segment_id: "Choose whom it is for" } : {}),
  };
}

export function NewCampaignPage() {
  const writes = useCan("marketer");
  return writes ? <FirstStep /> : <OnlyLooking />;
}

function OnlyLooking() {
  return (
    <>
      <PageHeader title="New campaign" back={{ to: "/campaigns", label: "Campaigns" }} />
      <Card>
        <EmptyState
          icon={IconLock}
          title="You can look, but not write campaigns"
          text="Ask an admin for the role of a marketer."
        >
          <Button component={Link} to="/campaigns" variant="default">
            See the campaigns
          </Button>
        </EmptyState>
      </Card>
    </>
  );
}

/** With the first step the draft begins to exist. */
function FirstStep() {
  const { segment } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const vendors = useQuery(vendorsQuery).data;
  const [fields, setFields] = useState<Start>({ name: "", segment_id: segment ?? null });
  const [errors, setErrors] = useState<FieldErrors>({});
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const created = useRef(false);
  const begun = fields.name.trim() !== "" || fields.segment_id !== (segment ?? null);

  const create = async (event: FormEvent) => {
    event.preventDefault();
    const lacking = missing(fields);
    setErrors(lacking);
    if (Object.keys(lacking).length > 0 || fields.segment_id === null) return;
    setBusy(true);
    setProblem(null);
    try {
      const campaign = await createCampaign({
        name: fields.name,
        segment_id: fields.segment_id,
        message_template: STARTER_TEXT,
        campaign_type: "PROMOTIONAL",
        vendor: vendors?.find(({ configured }) => configured)?.name ?? "simulator",
        holdout_percent: 0,
        track: false,
      });
      created.current = true;
      client.setQueryData(keys.campaign(campaign.campaign_id), campaign);
      client.invalidateQueries({ queryKey: campaignKeys.lists });
      await navigate({
        to: "/campaigns/$campaignId/edit",
        params: { campaignId: campaign.campaign_id },
        search: { step: "message" },
        replace: true,
      });
    } catch (error) {
      if (asProblem(error).status === 400) setErrors(errorsByField(error));
      setProblem(error);
      setBusy(false);
    }
  };

  return (
    <form onSubmit={create} noValidate>
      <EditorFrame
        title="New campaign"
        step="audience"
        campaignId={null}
        foot={
          <>
            <Button component={Link} to="/campaigns" variant="default">
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              Continue to the message
            </Button>
          </>
        }
      >
        <AudienceStep
          fields={fields}
          errors={errors}
          change={(changes) => {
            setFields((before) => ({ ...before, ...changes }));
            setErrors({});
          }}
        />
        {problem !== null && <ProblemAlert error={problem} />}
      </EditorFrame>
      <LeaveGuard
        wouldLose={() => begun && !created.current}
        unsaved={() => begun && !created.current}
        text="This campaign is not saved yet. It is from the next step on."
      />
    </form>
  );
}
