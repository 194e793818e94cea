import { Button, Card, Group, Skeleton, Text, Title } from "@mantine/core";
import type { Preflight } from "@/campaigns/model";
import { Count } from "@/parts/Words";
import classes from "./Preflight.module.css";

/** Of the audience those who would really get it. */
export const addressed = ({ audience, suppressed, inactive }: Preflight): number =>
  audience - suppressed - inactive;

interface Props {
  preflight: Preflight | undefined;
  /** Asks for it anew. */
  again: () => void;
  busy: boolean;
}

/** From everyone whom the rule matches to those who would get the message. */
export function PreflightFigures({ preflight, again, busy }: Props) {
  return (
    <Card>
      <Group justify="space-between">
        <Title order={2}>If you launched it now</Title>
        <Button size="compact-sm" variant="subtle" onClick={again} loading={busy}>
          Check again
        </Button>
      </Group>
      <dl className={classes.sum} aria-busy={preflight === undefined}>
        <Line label="People in the segment" value={preflight?.count} />
        <Line label="Held out, to compare with" value={preflight?.holdout} minus />
        <Line
          label="Unsubscribed or not to be written to"
          note="They are skipped"
          value={preflight?.suppressed}
          minus
        />
        <Line
          label="Inactive customers"
          note="Skipped, as the segment does not ask for them"
          value={preflight?.inactive}
          minus
        />
        <Line label="Get the message" value={preflight && addressed(preflight)} total />
      </dl>
    </Card>
  );
}

interface LineProps {
  label: string;
  note?: string;
  value: number | undefined;
  minus?: boolean;
  total?: boolean;
}

function Line({ label, note, value, minus, total }: LineProps) {
  return (
    <div className={classes.line} data-total={total || undefined}>
      <dt>
        {label}
        {note !== undefined && value !== undefined && value > 0 && (
          <Text span size="sm" c="dimmed">
            {" "}
            · {note.toLowerCase()}
          </Text>
        )}
      </dt>
      <dd className="num">
        {value === undefined ? (
          <Skeleton h={12} w={48} />
        ) : (
          <>
            {minus && value > 0 && "− "}
            <Count value={value} />
          </>
        )}
      </dd>
    </div>
  );
}
