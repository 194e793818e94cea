import { label } from "@/words/labels";
import classes from "./StatusBadge.module.css";

type Tone = "good" | "bad" | "warn" | "info" | "calm";

const TONES: Record<string, Tone> = {
  ACTIVE: "good",
  INACTIVE: "calm",
  DRAFT: "calm",
  SCHEDULED: "info",
  PREPARING: "info",
  RUNNING: "info",
  PAUSED: "warn",
  COMPLETED: "good",
  CANCELLED: "calm",
  PENDING: "calm",
  SENDING: "info",
  SENT: "info",
  DELIVERED: "good",
  FAILED: "bad",
  SKIPPED: "calm",
  UNCONFIRMED: "warn",
  HOLDOUT: "calm",
  REFUNDED: "warn",
};

interface Props {
  /** A state of the API: RUNNING, DELIVERED, ACTIVE. */
  status: string;
  /** Instead of the tone that belongs to the state. */
  tone?: Tone;
  /** Instead of the state's own name. */
  children?: string;
}

/** A state: a dot that moves while something is under way, and its name. */
export function StatusBadge({ status, tone = TONES[status] ?? "calm", children }: Props) {
  const moves = status === "RUNNING" || status === "PREPARING" || status === "SENDING";
  return (
    <span className={classes.badge} data-tone={tone} data-moves={moves || undefined}>
      {children ?? label(status)}
    </span>
  );
}
