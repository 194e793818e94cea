import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { STEPS, type StepName } from "../search";
import classes from "./Editor.module.css";

export const STEP_LABELS: Record<StepName, string> = {
  audience: "Audience",
  message: "Message",
  delivery: "Delivery",
  review: "Review",
};

interface Props {
  current: StepName;
  /** null while there is nothing yet to go on with. */
  campaignId: string | null;
  at?: string;
}

/** The way through the editor; each step has an address of its own. */
export function Steps({ current, campaignId, at }: Props) {
  const now = STEPS.indexOf(current);
  return (
    <nav aria-label="Steps">
      <ol className={classes.steps}>
        {STEPS.map((step, index) => (
          <li key={step} className={classes.step} data-current={index === now || undefined}>
            {campaignId === null ? (
              <span
                className={classes.stepLink}
                aria-current={index === now ? "step" : undefined}
                data-off={index !== now || undefined}
              >
                <Mark number={index + 1} done={false} />
                <span className={classes.stepLabel}>{STEP_LABELS[step]}</span>
              </span>
            ) : (
              <Link
                to="/campaigns/$campaignId/edit"
                params={{ campaignId }}
                search={{ step, at }}
                replace
                resetScroll={false}
                className={classes.stepLink}
                aria-current={index === now ? "step" : undefined}
              >
                <Mark number={index + 1} done={index < now} />
                <span className="visually-hidden">
                  Step {index + 1}: {STEP_LABELS[step]}
                </span>
                <span className={classes.stepLabel} aria-hidden>
                  {STEP_LABELS[step]}
                </span>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Mark({ number, done }: { number: number; done: boolean }) {
  return (
    <span className={classes.mark} data-done={done || undefined} aria-hidden>
      {done ? <IconCheck size={13} stroke={3} /> : number}
    </span>
  );
}
