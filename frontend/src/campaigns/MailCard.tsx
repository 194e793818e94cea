import { ActionIcon, Alert, Card, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { count } from "@/words/numbers";
import { HtmlFrame } from "./HtmlFrame";
import classes from "./MailCard.module.css";
import type { Sample } from "./model";

interface Props {
  samples: Sample[];
  /** The samples are not about what is written now. */
  stale?: boolean;
}

/** Messages as customers would get them, one at a time. */
export function MailCard({ samples, stale = false }: Props) {
  const [index, setIndex] = useState(0);
  const at = Math.min(index, samples.length - 1);
  const sample = samples[at];
  if (sample === undefined) return null;
  const step = (by: number) => setIndex((at + by + samples.length) % samples.length);
  return (
    <Card className={classes.card} component="section" aria-label="Preview">
      <div className={classes.bar}>
        <div className={classes.who}>
          <Text size="md" fw={500} className="clip">
            {sample.name}
          </Text>
          <Text size="xs" c="dimmed" className="clip">
            {sample.address}
          </Text>
        </div>
        {samples.length > 1 && (
          <Group gap={2} wrap="nowrap">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={30}
              aria-label="The customer before"
              onClick={() => step(-1)}
            >
              <IconChevronLeft size={17} aria-hidden />
            </ActionIcon>
            <Text size="xs" c="dimmed" className="num" aria-live="polite" style={{ whiteSpace: "nowrap" }}>
              {count(at + 1)} of {count(samples.length)}
            </Text>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={30}
              aria-label="The next customer"
              onClick={() => step(1)}
            >
              <IconChevronRight size={17} aria-hidden />
            </ActionIcon>
          </Group>
        )}
      </div>
      <div className={stale ? classes.stale : undefined}>
        <Mail subject={sample.subject} text={sample.text} html={sample.html} error={sample.error} />
      </div>
    </Card>
  );
}

type MailProps = Pick<Sample, "subject" | "text" | "html" | "error">;

function Mail({ subject, text, html, error }: MailProps) {
  if (error !== null) {
    return (
      <Alert color="red" m="md" title="This customer would get nothing">
        {error}
      </Alert>
    );
  }
  return (
    <>
      <div className={classes.subject} data-none={subject === null || undefined}>
        {subject ?? "No subject"}
      </div>
      <div>
        {html !== null && (
          <div className={classes.body}>
            <div className={classes.kind}>HTML</div>
            <HtmlFrame html={html} title="The message as HTML" />
          </div>
        )}
        <div className={classes.body}>
          {html !== null && <div className={classes.kind}>Text, where HTML is not shown</div>}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
          <section className={classes.text} tabIndex={0} aria-label="The message as text">
            {text}
          </section>
        </div>
      </div>
    </>
  );
}
