import { Card } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { type Campaign, isMoving, type MessageState, type Stats } from "@/campaigns/model";
import { ProgressBar, StateDot } from "@/campaigns/ProgressBar";
import { handled, parts, percentDone, type Seen, secondsLeft } from "@/campaigns/progress";
import { label } from "@/words/labels";
import { count, percent, plural } from "@/words/numbers";
import { duration } from "@/words/times";
import classes from "./Progress.module.css";

interface Props {
  campaign: Campaign;
  stats: Stats;
}

/** How much is done, all states of its messages, and how long it will take. */
export function ProgressCard({ campaign, stats }: Props) {
  const done = percentDone(stats);
  const left = useTimeLeft(stats);
  return (
    <Card component="section" aria-label="Progress">
      <div className={classes.top}>
        <span className={classes.percent}>
          {bigNumber(stats)}
          <span className={classes.of}>{doneText(stats)}</span>
        </span>
        <span className={classes.of}>{left}</span>
      </div>
      <ProgressBar counters={stats} label={`Progress of ${campaign.name}`} height={12} />
      <div className={classes.counters}>
        <ul className={classes.states}>
          {parts(stats).map(({ state, value }) => (
            <li key={state}>
              <State campaign={campaign} state={state} value={value} />
            </li>
          ))}
          <li className={classes.apart}>
            <State campaign={campaign} state="HOLDOUT" value={stats.holdout} />
          </li>
        </ul>
      </div>
      <Announced percent={done} status={stats.status} />
    </Card>
  );
}

function doneText(stats: Stats): string {
  if (stats.status === "PREPARING")
    return `Writing down the audience: ${plural(stats.audience, "person", "people")} so far`;
  if (stats.audience === 0) return "Nobody was in the audience";
  if (isOver(stats)) return `delivered, ${plural(stats.audience, "message")} in all`;
  return `${count(handled(stats))} of ${count(stats.audience)} done`;
}

const isOver = (stats: Stats): boolean => stats.status === "COMPLETED" && stats.delivery_rate !== null;

function bigNumber(stats: Stats): string {
  return isOver(stats) ? percent(stats.delivery_rate ?? 0) : `${percentDone(stats)}%`;
}

function State({ campaign, state, value }: { campaign: Campaign; state: MessageState; value: number }) {
  return (
    <Link
      to="/campaigns/$campaignId"
      params={{ campaignId: campaign.campaign_id }}
      search={{ tab: "messages", state }}
      className={classes.state}
      data-none={value === 0 || undefined}
    >
      <span className={classes.stateName}>
        <StateDot state={state} />
        {state === "HOLDOUT" ? "Held out" : label(state)}
      </span>
      <span className={classes.stateValue}>{count(value)}</span>
    </Link>
  );
}

/** "About 2 min left", by the pace since the page was opened or the campaign went on. */
function useTimeLeft(stats: Stats): string | null {
  const first = useRef<Seen | null>(null);
  const moving = stats.status === "RUNNING" && stats.pending + stats.sending > 0;
  const now: Seen = { at: Date.now(), handled: handled(stats) };
  if (!moving) first.current = null;
  else first.current ??= now;
  if (!isMoving(stats.status) || first.current === null) return null;
  const seconds = secondsLeft(first.current, now, stats.audience);
  return seconds === null ? null : `About ${duration(Math.max(1, Math.round(seconds)))} left`;
}

/** For those who hear the page: every tenth part, and each new state. */
function Announced({ percent: done, status }: { percent: number; status: string }) {
  const [said, setSaid] = useState("");
  const tenth = Math.floor(done / 10) * 10;
  useEffect(() => {
    setSaid(`${label(status)}, ${tenth} percent done`);
  }, [tenth, status]);
  return (
    <span className="visually-hidden" role="status">
      {said}
    </span>
  );
}
