import { Card, Skeleton, Text } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { percent } from "@/words/numbers";
import classes from "./Figure.module.css";

interface Props {
  label: string;
  /** The number, formatted: <Count>, <Money>. Undefined while it is loading. */
  value: ReactNode | undefined;
  /** Change in percent against the period before; null when there was nothing before. */
  change?: number | null;
  /** A fall is good news: failures. */
  downIsGood?: boolean;
  /** Under the number. */
  note?: ReactNode;
}

function Change({ change, downIsGood }: { change: number; downIsGood: boolean }) {
  const flat = Math.abs(change) < 0.05;
  const good = change > 0 !== downIsGood;
  const Icon = change > 0 ? IconArrowUpRight : IconArrowDownRight;
  const size = percent(Math.abs(change), Math.abs(change) < 10 ? 1 : 0);
  return (
    <span className={classes.change} data-tone={flat ? "calm" : good ? "good" : "bad"}>
      {!flat && <Icon size={14} aria-hidden />}
      <span className="visually-hidden">{flat ? "unchanged" : change > 0 ? "up " : "down "}</span>
      {size}
    </span>
  );
}

/** A tile with one number. */
export function Figure({ label, value, change, downIsGood = false, note }: Props) {
  return (
    <Card padding="md" component="section" aria-label={label}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      {value === undefined ? (
        <Skeleton h={26} w="60%" my={5} />
      ) : (
        <div className={classes.line}>
          <span className={classes.value}>{value}</span>
          {typeof change === "number" && <Change change={change} downIsGood={downIsGood} />}
        </div>
      )}
      {note !== undefined && (
        <Text size="xs" c="dimmed" mt={2}>
          {note}
        </Text>
      )}
    </Card>
  );
}
