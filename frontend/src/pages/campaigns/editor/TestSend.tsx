import { Alert, Button, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { useSession } from "@/api/session";
import type { Campaign, Sample, Trial } from "@/campaigns/model";
import { reasonName } from "@/campaigns/reasons";
import { testCampaign } from "@/campaigns/requests";
import { ProblemAlert } from "@/parts/ProblemAlert";

interface Props {
  campaign: Campaign;
  samples: Sample[];
}

type To = "address" | "customer";

/** One message now, to somebody who looks at it. It is counted nowhere. */
export function TestSend({ campaign, samples }: Props) {
  const own = useSession()?.person.email ?? "";
  const [to, setTo] = useState<To>("address");
  const [typed, setTyped] = useState<string | null>(null);
  const [customer, setCustomer] = useState<string | null>(null);
  const [came, setCame] = useState<Trial | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const email = typed ?? own;
  const chosen = customer ?? samples[0]?.customer_id ?? null;
  const wrong = problem === null ? undefined : asProblem(problem).byField.email;

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setCame(null);
    setProblem(null);
    try {
      const body = to === "address" ? { email: email.trim(), customer_id: chosen } : { customer_id: chosen };
      setCame(await testCampaign(campaign.campaign_id, body));
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="sm">
        <SegmentedControl
          value={to}
          onChange={(value) => setTo(value as To)}
          aria-label="Where the test goes"
          data={[
            { value: "address", label: "To an address" },
            { value: "customer", label: "To a customer" },
          ]}
        />
        {to === "address" && (
          <TextInput
            label="Address"
            type="email"
            autoComplete="email"
            placeholder="you@example.com"
            value={email}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={wrong}
          />
        )}
        <Select
          label={to === "address" ? "With the data of" : "Customer"}
          description={to === "customer" ? "They really get it, at their own address." : undefined}
          data={samples.map(({ customer_id, name, address }) => ({
            value: customer_id,
            label: `${name} · ${address}`,
          }))}
          value={chosen}
          onChange={setCustomer}
          placeholder={samples.length === 0 ? "A made-up customer" : undefined}
          disabled={samples.length === 0}
          allowDeselect={false}
        />
        <Button
          type="submit"
          variant="default"
          loading={busy}
          disabled={to === "address" ? email.trim() === "" : chosen === null}
        >
          Send the test
        </Button>
        {came && <Came trial={came} />}
        {problem !== null && wrong === undefined && <ProblemAlert error={problem} />}
      </Stack>
    </form>
  );
}

const GOOD = new Set(["ACCEPTED", "DELIVERED"]);

function Came({ trial }: { trial: Trial }) {
  const good = GOOD.has(trial.outcome);
  return (
    <Alert
      color={good ? "green" : "yellow"}
      role="status"
      title={good ? "The test is on its way" : "It did not get through"}
    >
      <Text size="md">
        {good && `Sent to ${trial.address}.`}
        {!good && trial.outcome === "UNANSWERED" && "The vendor did not answer; it may have taken it."}
        {!good &&
          trial.outcome !== "UNANSWERED" &&
          `The vendor says: ${reasonName(trial.reason ?? "REJECTED")}.`}
      </Text>
    </Alert>
  );
}
