import { Text } from "@mantine/core";
import { IconCircleCheckFilled, IconCircleX } from "@tabler/icons-react";
import type { Schemas } from "@/api/client";
import { useInstallation } from "@/api/session";
import { type ConditionText, conditionText } from "@/rules/conditionText";
import type { Field } from "@/rules/fields";
import classes from "./segments.module.css";

type Explained = Schemas["ExplainedPart"];

/** A rule with a verdict on each of its parts. */
export function Explanation({ part, fields }: { part: Explained; fields: readonly Field[] }) {
  return (
    <ul className={classes.tree}>
      <Node part={part} fields={fields} place="0" />
    </ul>
  );
}

function Node({ part, fields, place }: { part: Explained; fields: readonly Field[]; place: string }) {
  const { currency } = useInstallation();
  if (part.rules === undefined) {
    return <Leaf verdict={part.verdict} text={conditionText(part, fields, currency)} />;
  }
  return (
    <li>
      <div className={classes.leaf}>
        <Verdict holds={part.verdict} />
        <Text fw={500}>{wayOf(part)}</Text>
      </div>
      <ul className={classes.tree}>
        {part.rules.map((child, index) => {
          const at = `${place}.${index}`;
          return <Node key={at} part={child} fields={fields} place={at} />;
        })}
      </ul>
    </li>
  );
}

function wayOf({ combinator, not }: Explained): string {
  const any = combinator === "or";
  if (not) return any ? "None of these" : "Not all of these";
  return any ? "Any of these" : "All of these";
}

function Leaf({ verdict, text }: { verdict: boolean; text: ConditionText }) {
  return (
    <li className={classes.leaf}>
      <Verdict holds={verdict} />
      <Text style={{ overflowWrap: "anywhere" }}>
        {text.field} {text.comparison} {text.value && <b>{text.value}</b>}
        <Text span c="dimmed">
          {" "}
          · {text.actual === "" ? "not known" : `theirs: ${text.actual}`}
        </Text>
      </Text>
    </li>
  );
}

function Verdict({ holds }: { holds: boolean }) {
  const Icon = holds ? IconCircleCheckFilled : IconCircleX;
  return (
    <span className={classes.verdict} data-in={holds || undefined} data-out={!holds || undefined}>
      <Icon size={18} aria-hidden />
      <span className="visually-hidden">{holds ? "true:" : "false:"}</span>
    </span>
  );
}
