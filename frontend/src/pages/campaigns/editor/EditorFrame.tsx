import type { ReactNode } from "react";
import { PageHeader } from "@/parts/PageHeader";
import type { StepName } from "../search";
import classes from "./Editor.module.css";
import { Steps } from "./Steps";

interface Props {
  title: string;
  badge?: ReactNode;
  step: StepName;
  campaignId: string | null;
  at?: string;
  /** Below the step: the way back and the way on. */
  foot: ReactNode;
  children: ReactNode;
}

/** What surrounds every step of the editor. */
export function EditorFrame({ title, badge, step, campaignId, at, foot, children }: Props) {
  return (
    <>
      <PageHeader title={title} badge={badge} back={{ to: "/campaigns", label: "Campaigns" }} />
      <Steps current={step} campaignId={campaignId} at={at} />
      {children}
      <div className={classes.foot} data-narrow={step === "audience" || step === "delivery" || undefined}>
        {foot}
      </div>
    </>
  );
}
