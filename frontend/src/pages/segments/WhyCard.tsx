import { Card, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { CustomerPicker } from "@/rules/CustomerPicker";
import type { Field } from "@/rules/fields";
import type { Rule } from "@/rules/rule";
import { Explanation } from "./Explanation";
import classes from "./segments.module.css";
import type { Why } from "./useWhy";

interface Props {
  why: Why;
  rule: Rule;
  fields: readonly Field[];
  /** There is no condition to explain. */
  disabled: boolean;
}

const WAIT_MS = 200;

/** Why somebody is in or out: the rule with the verdict on each of its parts. */
export function WhyCard({ why, rule, fields, disabled }: Props) {
  const [asked] = useDebouncedValue(JSON.stringify(rule), WAIT_MS);
  const { customer } = why;
  const explaining = useQuery({
    queryKey: ["segments", "explain", asked, customer?.customer_id],
    queryFn: ({ signal }) => {
      const body = { rules: JSON.parse(asked), customer_id: customer?.customer_id ?? "" };
      return answer(api.POST("/api/v1/segments/explain", { body, signal }));
    },
    enabled: customer !== null && !disabled,
    placeholderData: keepPreviousData,
  });
  const tree = customer && !disabled ? explaining.data : undefined;
  return (
    <Card component="section" aria-labelledby="why-title">
      <Stack gap="sm">
        <div>
          <Title order={2} id="why-title">
            Why is someone in or out?
          </Title>
          <Text c="dimmed">Choose a customer to see what each condition says of them.</Text>
        </div>
        <CustomerPicker
          label="Customer"
          value={customer}
          onChange={why.choose}
          disabled={disabled}
          description={disabled ? "Add a condition first." : undefined}
        />
        {tree && customer && (
          <div
            aria-live="polite"
            className={classes.following}
            data-stale={explaining.isPlaceholderData || undefined}
          >
            <Text fw={600} mb={4}>
              {customer.name} is {tree.verdict ? "in this segment" : "not in this segment"}
            </Text>
            <Explanation part={tree} fields={fields} />
          </div>
        )}
        {customer && <ProblemAlert error={explaining.error} />}
      </Stack>
    </Card>
  );
}
