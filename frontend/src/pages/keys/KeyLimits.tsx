import { Checkbox, Fieldset, NumberInput, Stack } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import type { Schemas } from "@/api/client";
import type { RoleName } from "@/words/labels";
import { count } from "@/words/numbers";

export interface KeyForm {
  name: string;
  role: RoleName;
  agent: boolean;
  draft_only: boolean;
  daily_recipients: number | string;
}

/** What a program that acts by itself, such as an AI assistant, may not although its role may. */
export function KeyLimits({ form }: { form: UseFormReturnType<KeyForm> }) {
  return (
    <Fieldset legend="Limits, for programs that act by themselves">
      <Stack gap="sm">
        <Checkbox
          label="Launches only what it has previewed"
          description="Within 15 minutes, unchanged, and to hardly more customers"
          {...form.getInputProps("agent", { type: "checkbox" })}
        />
        <Checkbox
          label="Drafts only"
          description="A person launches what it has written"
          {...form.getInputProps("draft_only", { type: "checkbox" })}
        />
        <NumberInput
          label="Customers a day"
          description="Its launches write to no more than this; empty for no limit"
          placeholder="No limit"
          min={1}
          max={1_000_000_000}
          allowDecimal={false}
          thousandSeparator
          {...form.getInputProps("daily_recipients")}
        />
      </Stack>
    </Fieldset>
  );
}

/** Limits are for the role that launches and makes no keys. */
export function newKeyOf({ name, role, agent, draft_only, daily_recipients }: KeyForm): Schemas["NewApiKey"] {
  if (role !== "marketer") return { name, role };
  return { name, role, agent, draft_only, daily_recipients: Number(daily_recipients) || null };
}

export function limitsInWords({ agent, draft_only, daily_recipients }: Schemas["ShownApiKey"]): string {
  const limits = [
    draft_only && "drafts only",
    agent && "launches what it previewed",
    daily_recipients && `${count(daily_recipients)} customers a day`,
  ];
  return limits.filter(Boolean).join(", ");
}
