import { count, plural } from "@/words/numbers";
import type { Lift } from "./model";

/** What a campaign changed, said without statistics. Pure. */

export interface LiftInWords {
  verdict: "more" | "less" | "unclear" | "none";
  headline: string;
  detail: string;
}

export function liftInWords(lift: Lift, amount: (value: string | number) => string): LiftInWords {
  const [low, high, difference] = [Number(lift.low), Number(lift.high), Number(lift.difference)];
  if (Number(lift.treated_per_head) === 0 && Number(lift.control_per_head) === 0) {
    return {
      verdict: "none",
      headline: "No orders to compare yet",
      detail:
        `Neither the ${plural(lift.treated, "person", "people")} in the audience nor the ` +
        `${count(lift.control)} held out have ordered since the launch.`,
    };
  }
  const heads =
    `${plural(lift.treated, "person", "people")} in the audience spent ${amount(round(lift.treated_per_head))} each on average, ` +
    `the ${plural(lift.control, "person", "people")} held out ${amount(round(lift.control_per_head))}.`;
  const range = `between ${amount(round(low))} and ${amount(round(high))}`;
  if (low > 0) {
    return {
      verdict: "more",
      headline: `${amount(round(difference))} more per person than without it`,
      detail: `${heads} With 95% certainty the true gain is ${range} per person.`,
    };
  }
  if (high < 0) {
    return {
      verdict: "less",
      headline: `${amount(round(-difference))} less per person than without it`,
      detail: `${heads} With 95% certainty the true change is ${range} per person.`,
    };
  }
  return {
    verdict: "unclear",
    headline: "No difference that can be told from chance",
    detail: `${heads} The true change could be anything ${range} per person. More people, or a larger hold-out, would tell more.`,
  };
}

/** Two decimals, without a minus before a zero. */
function round(value: string | number): number {
  const rounded = Math.round(Number(value) * 100) / 100;
  return rounded === 0 ? 0 : rounded;
}

/** Where the interval and its middle lie on a line from 0 to 100 that always shows the zero. */
export function liftOnALine(lift: Lift): { zero: number; low: number; high: number; difference: number } {
  const [low, high, difference] = [Number(lift.low), Number(lift.high), Number(lift.difference)];
  const from = Math.min(low, 0);
  const to = Math.max(high, 0);
  const pad = (to - from) * 0.08 || 1;
  const place = (value: number) => ((value - from + pad) / (to - from + 2 * pad)) * 100;
  return { zero: place(0), low: place(low), high: place(high), difference: place(difference) };
}
