import { Button, Group, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "@/api/problem";
import { useInstallation } from "@/api/session";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { symbolOf } from "@/rules/builder/symbol";
import { type Customer, correctCustomer, customerKeys } from "../requests";
import { Attributes } from "./Attributes";
import { type Correction, correctionOf, objections, patchOf } from "./correction";

/** The profile follows the Master DB a moment later. */
const LATER_MS = [400, 1_500, 4_000];

const STATUSES = [
  { value: "ACTIVE", label: "Active" },
  { value: "INACTIVE", label: "Inactive" },
];

export function CorrectForm({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { currency } = useInstallation();
  const client = useQueryClient();
  const [form, setForm] = useState(() => correctionOf(customer));
  const [tried, setTried] = useState(false);
  const correcting = useMutation({
    mutationFn: () => correctCustomer(customer.customer_id, patchOf(customer, form)),
    onSuccess: (done) => {
      showDone(done ? "Corrected" : "It will be corrected in a moment");
      onClose();
      for (const wait of LATER_MS) {
        setTimeout(
          () => client.invalidateQueries({ queryKey: customerKeys.one(customer.customer_id) }),
          wait,
        );
      }
    },
  });
  const problem = correcting.error ? asProblem(correcting.error) : null;
  const said = problem?.status === 400 ? problem.byField : {};
  const wrong = { ...said, ...(tried ? objections(form) : {}) };
  const set = (change: Partial<Correction>) => setForm((before) => ({ ...before, ...change }));
  const unchanged = Object.keys(patchOf(customer, form)).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (Object.keys(objections(form)).length === 0 && !unchanged) correcting.mutate();
  };
  const shownAtFields = Object.keys(said).some((field) => field in FIELDS);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            label="Name"
            withAsterisk
            value={form.name}
            error={wrong.name}
            maxLength={255}
            onChange={(event) => set({ name: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput
            label="E-mail"
            withAsterisk
            type="email"
            value={form.email}
            error={wrong.email}
            maxLength={254}
            onChange={(event) => set({ email: event.currentTarget.value })}
          />
          <TextInput
            label="Phone"
            type="tel"
            value={form.phone}
            error={wrong.phone}
            onChange={(event) => set({ phone: event.currentTarget.value })}
          />
          <Select
            label="Status"
            data={STATUSES}
            value={form.status}
            allowDeselect={false}
            onChange={(status) => status && set({ status: status as Customer["status"] })}
          />
          <NumberInput
            label="Spend before XenCRM"
            description="Orders add to it"
            prefix={symbolOf(currency)}
            decimalScale={2}
            thousandSeparator=","
            min={0}
            hideControls
            value={form.opening_spend}
            error={wrong.total_spend}
            onChange={(opening_spend) => set({ opening_spend })}
          />
          <NumberInput
            label="Visits before XenCRM"
            description="Orders add to it"
            decimalScale={0}
            min={0}
            hideControls
            value={form.opening_visits}
            error={wrong.total_visits}
            onChange={(opening_visits) => set({ opening_visits })}
          />
        </SimpleGrid>
        <Attributes
          attributes={form.attributes}
          wrong={wrong}
          onChange={(attributes) => set({ attributes })}
        />
        {wrong.attributes && (
          <Text size="sm" c="var(--mantine-color-error)">
            {wrong.attributes}
          </Text>
        )}
        {problem && !shownAtFields && <ProblemAlert error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={correcting.isPending} disabled={unchanged}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Where the form shows what the API objects to. */
const FIELDS = { name: 1, email: 1, phone: 1, total_spend: 1, total_visits: 1, attributes: 1 };
