import { Anchor, Card, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import { useInstallation } from "@/api/session";
import { type Campaign, typeLabel } from "@/campaigns/model";
import { vendorName } from "@/campaigns/vendors";
import { shortTime } from "@/words/times";
import type { StepName } from "../search";
import classes from "./Preflight.module.css";
import { momentOf } from "./zone";

/** All that was chosen, with the way back to each choice. */
export function PlanSummary({ campaign, at }: { campaign: Campaign; at: string | undefined }) {
  const { time_zone } = useInstallation();
  const { campaign_id, segment_name, subject, campaign_type, vendor, holdout_percent, track } = campaign;
  const rows: [string, ReactNode, StepName][] = [
    ["Segment", segment_name, "audience"],
    ["Subject", subject ?? "None", "message"],
    ["Kind", `${typeLabel(campaign_type)}${track ? ", opens and clicks are counted" : ""}`, "message"],
    ["Sent by", vendorName(vendor), "delivery"],
    ["When", at === undefined ? "Right away" : shortTime(momentOf(at, time_zone), time_zone), "delivery"],
    ["Hold-out", holdout_percent === 0 ? "None" : `${holdout_percent} %`, "delivery"],
  ];
  return (
    <Card>
      <Title order={2} mb="sm">
        What you chose
      </Title>
      <dl className={classes.plan}>
        {rows.map(([term, what, step]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{what}</dd>
            <dd>
              <Anchor
                size="sm"
                aria-label={`Change: ${term}`}
                renderRoot={(rest) => (
                  <Link
                    to="/campaigns/$campaignId/edit"
                    params={{ campaignId: campaign_id }}
                    search={{ step, at }}
                    {...rest}
                  />
                )}
              >
                Change
              </Anchor>
            </dd>
          </Fragment>
        ))}
      </dl>
    </Card>
  );
}
