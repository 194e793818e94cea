import { Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { useInstallation } from "@/api/session";
import { money, shortMoney } from "@/words/money";
import { count, percent } from "@/words/numbers";
import { ago, exactTime, shortTime } from "@/words/times";

/** Numbers and times as this installation writes them. A missing one is a dash. */

function Nothing() {
  return (
    <span>
      <span aria-hidden>–</span>
      <span className="visually-hidden">none</span>
    </span>
  );
}

export function Count({ value }: { value: number | null | undefined }) {
  return value === null || value === undefined ? <Nothing /> : <span className="num">{count(value)}</span>;
}

export function Percent({ value, digits = 1 }: { value: number | null | undefined; digits?: number }) {
  if (value === null || value === undefined) return <Nothing />;
  return <span className="num">{percent(value, digits)}</span>;
}

/** In the installation's currency; `short` for tiles: the exact amount is in the tooltip. */
export function Money({
  value,
  short = false,
}: {
  value: string | number | null | undefined;
  short?: boolean;
}) {
  const { currency } = useInstallation();
  if (value === null || value === undefined) return <Nothing />;
  const exact = money(value, currency);
  if (!short || Math.abs(Number(value)) < 1_000_000) return <span className="num">{exact}</span>;
  return (
    <Tooltip label={exact}>
      <span className="num">{shortMoney(value, currency)}</span>
    </Tooltip>
  );
}

function useMinute(): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((times) => times + 1), 30_000);
    return () => clearInterval(timer);
  }, []);
}

/** "3 minutes ago"; exact when hovered or focused. */
export function RelativeTime({ time }: { time: string | null | undefined }) {
  const { time_zone } = useInstallation();
  useMinute();
  if (!time) return <Nothing />;
  return (
    <Tooltip label={exactTime(time, time_zone)}>
      <time dateTime={time}>{ago(time)}</time>
    </Tooltip>
  );
}

/** "23 Nov 2026, 14:05"; with seconds when hovered. */
export function ExactTime({ time }: { time: string | null | undefined }) {
  const { time_zone } = useInstallation();
  if (!time) return <Nothing />;
  return (
    <Tooltip label={exactTime(time, time_zone)}>
      <time dateTime={time}>{shortTime(time, time_zone)}</time>
    </Tooltip>
  );
}
